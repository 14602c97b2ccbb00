import { BlockList, isIP } from 'node:net';

/** IPv4 that no receiver on the internet has (IANA special-purpose registry), and one public address that is cloud metadata. */
const REFUSED_IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '168.63.129.16/32', // the host agent of Azure
  '169.254.0.0/16', // link-local, cloud metadata
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];
/** Of IPv6 only global unicast is public, without the ranges in it that carry an IPv4 address or are for documentation. */
const GLOBAL_IPV6 = '2000::/3';
const REFUSED_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

const refused = blockList([...REFUSED_IPV4, ...REFUSED_IPV6]);
const globalIpv6 = blockList([GLOBAL_IPV6]);

/** Says to which addresses this server may send on behalf of a user: public ones, and those that the operator allows. */
export class AddressGuard {
  private readonly allowed: BlockList;

  /**
   * @param allowedAddresses CIDR ranges or single addresses
   * @throws RangeError when one is neither
   */
  constructor(allowedAddresses: readonly string[]) {
    this.allowed = blockList(allowedAddresses);
  }

  /** Whether the address, as a socket would use it, may be connected to. Anything but an IP address may not. */
  allows(address: string): boolean {
    const plain = unmapped(address);
    const family = isIP(plain);
    if (family === 0) return false;
    if (family === 4) return this.allowed.check(plain, 'ipv4') || !refused.check(plain, 'ipv4');
    if (this.allowed.check(plain, 'ipv6')) return true;
    return globalIpv6.check(plain, 'ipv6') && !refused.check(plain, 'ipv6');
  }
}

/** The IPv4 address inside an IPv4-mapped IPv6 address (::ffff:127.0.0.1), which a socket treats as that; others as they are. */
function unmapped(address: string): string {
  if (isIP(address) !== 6 || address.includes('%')) return address;
  const mapped = /^\[::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(new URL(`http://[${address}]`).hostname);
  if (mapped === null) return address;
  const [high, low] = [parseInt(mapped[1]!, 16), parseInt(mapped[2]!, 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', prefix] = range.split('/');
    const family = isIP(address);
    const bits = family === 4 ? 32 : 128;
    const length = prefix === undefined ? bits : Number(prefix);
    if (family === 0 || prefix === '' || !Number.isInteger(length) || length < 0 || length > bits) {
      throw new RangeError(`"${range}" is not a range of addresses: write one as in 10.0.0.0/8 or fd00::/8`);
    }
    list.addSubnet(address, length, family === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}

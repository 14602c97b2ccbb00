import { AddressGuard } from './address-guard.js';

describe('AddressGuard', () => {
  const guard = new AddressGuard([]);

  it.each([
    ['loopback', '127.0.0.1'],
    ['loopback, elsewhere', '127.255.255.254'],
    ['this host', '0.0.0.0'],
    ['private 10/8', '10.1.2.3'],
    ['private 172.16/12', '172.31.255.255'],
    ['private 192.168/16', '192.168.0.1'],
    ['carrier-grade NAT, metadata of Alibaba', '100.100.100.200'],
    ['link-local, metadata', '169.254.169.254'],
    ['metadata of Azure', '168.63.129.16'],
    ['metadata of Oracle', '192.0.0.192'],
    ['documentation', '203.0.113.9'],
    ['benchmarks', '198.19.0.1'],
    ['multicast', '224.0.0.1'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['IPv6 loopback', '::1'],
    ['IPv6 unspecified', '::'],
    ['IPv4-mapped, dotted', '::ffff:127.0.0.1'],
    ['IPv4-mapped, hexadecimal', '::ffff:7f00:1'],
    ['IPv4-mapped, in full', '0:0:0:0:0:FFFF:A9FE:A9FE'],
    ['IPv4-compatible', '::127.0.0.1'],
    ['NAT64 of metadata', '64:ff9b::a9fe:a9fe'],
    ['6to4 of loopback', '2002:7f00:1::'],
    ['Teredo', '2001:0:7f00:1::'],
    ['unique local, metadata of AWS', 'fd00:ec2::254'],
    ['IPv6 link-local', 'fe80::1'],
    ['IPv6 link-local with a zone', 'fe80::1%eth0'],
    ['mapped with a zone', '::ffff:127.0.0.1%1'],
    ['site-local', 'fec0::1'],
    ['IPv6 multicast', 'ff02::1'],
    ['IPv6 documentation', '2001:db8::1'],
    ['a name', 'localhost'],
    ['nothing', ''],
  ])('refuses %s', (_, address) => {
    expect(guard.allows(address)).toBe(false);
  });

  it.each(['1.1.1.1', '93.184.216.34', '172.32.0.1', '100.128.0.1', '2606:4700:4700::1111', '::ffff:1.1.1.1'])(
    'allows %s',
    (address) => {
      expect(guard.allows(address)).toBe(true);
    },
  );

  it('allows what the operator allows, in either notation, and nothing beside it', () => {
    const allowing = new AddressGuard(['127.0.0.0/8', '10.0.0.7', 'fd12::/16']);
    expect(['127.0.0.1', '::ffff:127.0.0.1', '10.0.0.7', 'fd12::1'].every((each) => allowing.allows(each))).toBe(true);
    expect(['10.0.0.8', 'fd13::1', '::1'].some((each) => allowing.allows(each))).toBe(false);
  });

  it.each(['10.0.0.0/33', '10.0.0.0/', '10.0.0/8', 'localhost', '::/129', '10.0.0.0/-1', '10.0.0.0/8.5', ''])(
    'refuses "%s" as a range',
    (range) => {
      expect(() => new AddressGuard([range])).toThrow(RangeError);
    },
  );
});

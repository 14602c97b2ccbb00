import { lookup, type LookupAddress, type LookupOptions } from 'node:dns';
import type { AddressGuard } from './address-guard.js';
import { EgressError } from './egress-error.js';

/** Resolves a name to all its addresses, as dns.lookup does. */
export type ResolveName = (
  name: string,
  options: LookupOptions & { readonly all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

type LookupCallback = (error: Error | null, addresses: string | LookupAddress[], family?: number) => void;

/**
 * Returns a `lookup` for sockets that leaves out refused addresses, and fails with an EgressError when no other remains. The socket
 * connects to what it returns, so nothing can resolve differently between the check and the connection.
 */
export function guardedLookup(guard: AddressGuard, resolveName: ResolveName = lookup) {
  return (name: string, options: LookupOptions, callback: LookupCallback): void => {
    resolveName(name, { ...options, all: true }, (error, resolved) => {
      if (error !== null) return callback(error, []);
      const addresses = resolved.filter(({ address }) => guard.allows(address));
      const [first] = addresses;
      if (first === undefined) return callback(addressRefused(), []);
      if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

/** The address itself is not in the message: it would tell how names resolve inside the operator's network. */
export function addressRefused(): EgressError {
  return new EgressError('address_refused', 'the address is not a public one (setting alerting.allowedAddresses)');
}

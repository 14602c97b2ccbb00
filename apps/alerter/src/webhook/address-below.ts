/** Returns the address of a path below a base address; what follows ? and # of the base is left out. */
export function addressBelow(base: string, path: string): string {
  const address = new URL(base);
  address.pathname = `${address.pathname.replace(/\/+$/, '')}${path}`;
  address.search = '';
  address.hash = '';
  return address.href;
}

/** Returns an address beneath a base: each step is one segment of the path, whatever it contains. */
export function beneath(baseUrl: string, ...steps: readonly (string | number)[]): string {
  return [baseUrl.replace(/\/+$/, ''), ...steps.map((step) => encodeURIComponent(step))].join('/');
}

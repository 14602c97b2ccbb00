/** Returns the name in a Host header, in lower case, without port, brackets and the dot at its end; undefined when it is none. */
export function nameOfHost(host: string): string | undefined {
  const parsed = /^(?:\[([0-9a-f:.]+)\]|([^:@/\\?#\s]+))(?::\d*)?$/i.exec(host);
  return (parsed?.[1] ?? parsed?.[2])?.toLowerCase().replace(/\.$/, '');
}

/** Returns host and port of an address as a browser sends them; undefined when it is no address. */
export function hostOfUrl(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).host : undefined;
}

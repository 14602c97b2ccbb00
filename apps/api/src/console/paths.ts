/** Parts of the console that a model has. */
export type ModelTab = 'features' | 'performance' | 'quality' | 'alerts' | 'retraining' | 'configuration';

/** Returns the path of a model's page, or of one of its tabs. */
export function modelPath(model: string, tab?: ModelTab): string {
  const path = `/models/${encodeURIComponent(model)}`;
  return tab === undefined ? path : `${path}/${tab}`;
}

/** Returns the path of a feature's page. "." and ".." would be taken out of any path, so a "~" stands before them. */
export function featurePath(model: string, feature: string): string {
  const segment = /^(?:~|\.{1,2}$)/.test(feature) ? `~${feature}` : feature;
  return `${modelPath(model)}/features/${encodeURIComponent(segment)}`;
}

export function alertPath(alertId: string): string {
  return `/alerts/${encodeURIComponent(alertId)}`;
}

/** Returns the path with the parameters that have a value. */
export function withQuery(path: string, parameters: Readonly<Record<string, string | number | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== '') query.set(name, String(value));
  }
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** Returns where to go on after the sign-in: a path of this server, whatever was asked for. */
export function safePath(next: string | undefined): string {
  if (next === undefined || !next.startsWith('/')) return '/';
  const base = 'http://console.invalid';
  if (!URL.canParse(next, base)) return '/';
  // Parsed as a browser does it: "//evil", "/\evil" and "/<tab>/evil" lead to another host.
  const url = new URL(next, base);
  if (url.origin !== base || ['/sign-in', '/sign-out'].includes(url.pathname)) return '/';
  return `${url.pathname}${url.search}`;
}

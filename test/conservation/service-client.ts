/** One page of a list of the API. */
interface Page<T> {
  readonly items: readonly T[];
  readonly next_cursor: string | null;
}

/** Returns all items of a list of the API. @throws Error naming status and body when it is not 2xx */
export async function listAll<T>(url: string, path: string): Promise<T[]> {
  const items: T[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const at = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const response = await fetch(`${url}${path}${path.includes('?') ? '&' : '?'}limit=500${at}`);
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
    const page = (await response.json()) as Page<T>;
    items.push(...page.items);
    cursor = page.next_cursor;
  }
  return items;
}

/** Sums of metrics of a process by name, over all label values that contain the given text. */
export async function readMetrics(url: string): Promise<(name: string, labels?: string) => number> {
  const response = await fetch(`${url}/metrics`);
  const lines = (await response.text()).split('\n');
  return (name, labels = '') =>
    lines
      .filter((line) => (line.startsWith(`${name} `) || line.startsWith(`${name}{`)) && line.includes(labels))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

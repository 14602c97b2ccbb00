/** ISO 8601 text of an instant, as all replies write it. */
export function instantText(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

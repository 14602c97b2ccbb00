/** Returns a number with four significant digits, "–" for one that is not defined. */
export function numberText(value: number | null): string {
  if (value === null) return '–';
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}

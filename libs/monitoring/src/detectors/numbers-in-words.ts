/** Returns a number for a sentence: four significant digits, and no more than it has. */
export function inWords(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : String(value);
}

/** Returns a rate for a sentence, in per cent. */
export function percent(rate: number): string {
  return `${inWords(rate * 100)} %`;
}

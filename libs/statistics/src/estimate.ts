/** A value, and where the true one lies with the confidence asked for. */
export interface Estimate {
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
}

/**
 * Returns the weighted sum of independent estimates with its interval: on each side the distances of the parts from their bounds,
 * times their weights, squares added.
 *
 * Unlike value ± z·error it stays within what the parts allow, and has a width where one of them is 0 or 1. The weights count as
 * known. O(parts). Source: Zou & Donner, Statistics in Medicine 27 (2008), "MOVER".
 */
export function combineEstimates(parts: readonly { readonly weight: number; readonly estimate: Estimate }[]): Estimate {
  let value = 0;
  let below = 0;
  let above = 0;
  for (const { weight, estimate } of parts) {
    value += weight * estimate.value;
    below += (weight * (estimate.value - estimate.lower)) ** 2;
    above += (weight * (estimate.upper - estimate.value)) ** 2;
  }
  return { value, lower: value - Math.sqrt(below), upper: value + Math.sqrt(above) };
}

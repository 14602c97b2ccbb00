import type { Threshold } from '@plumbline/contracts';

/** Returns the bound that is reached first: the warning where there is one, else the critical one; NaN without a threshold. */
export function lowestBound(threshold: Threshold | undefined): number {
  return threshold?.warning ?? threshold?.critical ?? NaN;
}

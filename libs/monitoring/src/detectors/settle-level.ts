import type { MonitorDeclaration } from '@plumbline/contracts';
import type { Settled } from './detector-input.js';

/** Where nobody counted the series and windows that share the budget. */
const LEVEL_WITHOUT_BUDGET = 0.01;

/** Returns the declaration with its level of significance: the one it declares, else the one given, which comes from the budget. */
export function settleLevel(
  declaration: MonitorDeclaration,
  alpha = LEVEL_WITHOUT_BUDGET,
): Settled<MonitorDeclaration> {
  // Traffic is compared with fixed bounds.
  return declaration.detector === 'traffic' ? declaration : { ...declaration, alpha: declaration.alpha ?? alpha };
}

import { repaymentProbability, type LoanFeatures } from './loan-world.js';

export interface LoanPrediction {
  /** Estimated probability of repayment. */
  readonly score: number;
  readonly label: '0' | '1';
}

export type LoanModelVersion = '1' | '2';

/** What a version answers: version 1 learned the old world, version 2 the changed one, both perfectly. */
export function predictLoan(features: LoanFeatures, version: LoanModelVersion): LoanPrediction {
  const score = Number(repaymentProbability(features, version === '2').toFixed(4));
  return { score, label: score >= 0.5 ? '1' : '0' };
}

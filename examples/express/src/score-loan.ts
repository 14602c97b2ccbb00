/** What the service is asked. */
export interface LoanApplication {
  readonly age: number;
  readonly income: number;
  readonly country: string;
}

/** What the service answers. */
export interface LoanScore {
  readonly approved: boolean;
  readonly probability: number;
}

/** Returns the probability that a loan is repaid. Stands where a real service calls its model. */
export function scoreLoan({ age, income }: LoanApplication): LoanScore {
  const probability = 1 / (1 + Math.exp(-(income - 30_000) / 20_000 - (age - 40) / 40));
  return { approved: probability >= 0.5, probability };
}

import type { SeededRandom } from './seeded-random.js';

/** Who applies for loans, and who repays them. */
export interface LoanWorld {
  /** Incomes fall and a purpose appears that the model has never seen. */
  readonly drifted: boolean;
  /** Debt tells less of who repays, and employment more. */
  readonly conceptChanged: boolean;
}

export interface LoanFeatures {
  readonly income: number | null;
  readonly age: number;
  readonly loan_amount: number;
  readonly debt_ratio: number;
  readonly employment_years: number;
  readonly purpose: string;
  readonly country: string;
  readonly has_mortgage: boolean;
}

export interface LoanApplication {
  readonly features: LoanFeatures;
  /** What becomes of it; known later. */
  readonly repaid: boolean;
}

/** Features that drift in a drifted world, and no others do. */
export const DRIFTING_FEATURES: readonly string[] = ['income', 'purpose'];

const PURPOSES = { car: 45, home: 25, education: 18, other: 12 };
const PURPOSES_DRIFTED = { ...PURPOSES, crypto: 20 };
const COUNTRIES = { DE: 40, FR: 30, ES: 20, NL: 10 };
const MEDIAN_INCOME = 3_200;
const INCOME_SPREAD = 0.45;

/** Draws one application. Always takes the same amount of random numbers, so that worlds differ only in what differs. */
export function drawApplication(random: SeededRandom, world: LoanWorld): LoanApplication {
  const incomeMedian = world.drifted ? MEDIAN_INCOME * 0.72 : MEDIAN_INCOME;
  const income = Math.round(incomeMedian * Math.exp(INCOME_SPREAD * random.normal()));
  const incomeMissing = random.uniform() < 0.01;
  const features: LoanFeatures = {
    income: incomeMissing ? null : income,
    age: Math.round(Math.min(80, Math.max(18, 42 + 12 * random.normal()))),
    loan_amount: Math.round((12_000 * Math.exp(0.6 * random.normal())) / 100) * 100,
    debt_ratio: round(Math.min(0.95, Math.max(0, 0.35 + 0.15 * random.normal())), 3),
    employment_years: round(-6 * Math.log(1 - random.uniform()), 1),
    purpose: random.pick(world.drifted ? PURPOSES_DRIFTED : PURPOSES),
    country: random.pick(COUNTRIES),
    has_mortgage: random.uniform() < 0.3,
  };
  return { features, repaid: random.uniform() < repaymentProbability(features, world.conceptChanged) };
}

/** Probability that a loan is repaid, in the old or in the changed world. */
export function repaymentProbability(features: LoanFeatures, conceptChanged: boolean): number {
  const debt = (0.35 - features.debt_ratio) / 0.15;
  const income = Math.log((features.income ?? MEDIAN_INCOME) / MEDIAN_INCOME) / INCOME_SPREAD;
  const employment = Math.min(features.employment_years, 12) / 6 - 0.86;
  const logit = conceptChanged
    ? 0.6 + 1.2 * debt + 0.4 * income + 4 * employment
    : 1 + 3 * debt + 0.4 * income + 0.4 * employment + (features.has_mortgage ? 0.3 : 0);
  return 1 / (1 + Math.exp(-logit));
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

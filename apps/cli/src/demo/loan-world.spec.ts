import { predictLoan, type LoanModelVersion } from './loan-model.js';
import { drawApplication, type LoanWorld } from './loan-world.js';
import { SeededRandom } from './seeded-random.js';

const ROWS = 20_000;
const OLD: LoanWorld = { drifted: false, conceptChanged: false };
const DRIFTED: LoanWorld = { drifted: true, conceptChanged: false };
const CHANGED: LoanWorld = { drifted: true, conceptChanged: true };

function accuracy(version: LoanModelVersion, world: LoanWorld): number {
  const random = new SeededRandom(5);
  let right = 0;
  for (let index = 0; index < ROWS; index += 1) {
    const { features, repaid } = drawApplication(random, world);
    if ((predictLoan(features, version).label === '1') === repaid) right += 1;
  }
  return right / ROWS;
}

function draw(world: LoanWorld, rows: number) {
  const random = new SeededRandom(11);
  return Array.from({ length: rows }, () => drawApplication(random, world));
}

describe('the loan world', () => {
  it('is the same for the same seed', () => {
    expect(draw(CHANGED, 50)).toEqual(draw(CHANGED, 50));
  });

  it('differs between worlds only in what drifts', () => {
    const old = draw(OLD, 500);
    const drifted = draw(DRIFTED, 500);
    for (const name of ['age', 'loan_amount', 'debt_ratio', 'employment_years', 'country', 'has_mortgage'] as const) {
      expect(drifted.map(({ features }) => features[name])).toEqual(old.map(({ features }) => features[name]));
    }
    expect(drifted.some(({ features }) => features.purpose === 'crypto')).toBe(true);
    expect(old.some(({ features }) => features.purpose === 'crypto')).toBe(false);
  });

  it.each<[string, LoanModelVersion, LoanWorld, number]>([
    ['version 1 in its own world', '1', OLD, 0.847],
    ['version 1 when only the features drift: as good as before', '1', DRIFTED, 0.843],
    ['version 1 when repayment changes: clearly worse', '1', CHANGED, 0.625],
    ['version 2 in the changed world', '2', CHANGED, 0.845],
  ])('accuracy of %s', (_, version, world, expected) => {
    expect(Math.abs(accuracy(version, world) - expected)).toBeLessThan(0.02);
  });
});

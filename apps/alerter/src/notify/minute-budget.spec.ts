import { MinuteBudget } from './minute-budget.js';

it('allows so many uses in any minute', () => {
  const budget = new MinuteBudget(2);
  const uses = [0, 30_000, 59_999, 60_000, 60_001, 90_000, 90_001].map((nowMs) => budget.use(nowMs));
  expect(uses).toEqual([true, true, false, true, false, true, false]);
});

import { rowsForScale } from './rows-for-scale.js';

describe('rowsForScale', () => {
  it.each([
    [10, 0.1, 1000, 112],
    [10, 0.1, 100, Infinity],
    [10, 0.1, 101, 10_100],
    [0, 0.1, 5, 1],
    [-3, 0.1, 5, 1],
    [1e-9, 0.1, 5, 1],
  ])('surplus %p, budget %p, %p reference rows: %p', (surplus, budget, n, rows) => {
    expect(rowsForScale(surplus, budget, n)).toBe(rows);
  });

  it('is the smallest number that is enough', () => {
    for (let n = 10; n < 3000; n += 97) {
      for (const surplus of [0.3, 2, 11.5]) {
        const rows = rowsForScale(surplus, 0.1, n);
        if (rows === Infinity) continue;
        expect(surplus * (1 / n + 1 / rows)).toBeLessThanOrEqual(0.1);
        if (rows > 1) expect(surplus * (1 / n + 1 / (rows - 1))).toBeGreaterThan(0.1);
      }
    }
  });
});

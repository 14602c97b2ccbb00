import { ByteBudget } from './byte-budget.js';

describe('ByteBudget', () => {
  it('lets one request in whatever its size, and others only while there is room', () => {
    const budget = new ByteBudget(100);
    expect(budget.take(500)).toBe(true);
    expect(budget.take(1)).toBe(false);
    budget.give(500);
    expect([budget.take(60), budget.take(40), budget.take(1)]).toEqual([true, true, false]);
    budget.give(40);
    expect(budget.take(10)).toBe(true);
  });
});

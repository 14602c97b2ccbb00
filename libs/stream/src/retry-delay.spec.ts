import { retryDelayMs } from './retry-delay.js';

describe('retryDelayMs', () => {
  it.each([
    [1, 100],
    [2, 200],
    [3, 400],
    [6, 3_200],
    [7, 5_000],
    [100_000, 5_000],
  ])('after %d failures is %d ms', (failures, delayMs) => {
    expect(retryDelayMs(failures)).toBe(delayMs);
  });
});

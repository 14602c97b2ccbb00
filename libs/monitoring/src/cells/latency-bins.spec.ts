import fc from 'fast-check';
import { latencyBin, latencyQuantileMs } from './latency-bins.js';

describe('latency bins', () => {
  it('reads a quantile within the stated error', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.1, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 200 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (latencies, q) => {
          const bins = latencies.map((latencyMs) => ({ index: latencyBin(latencyMs), count: 1 }));
          const exact = [...latencies].sort((a, b) => a - b)[Math.max(0, Math.ceil(q * latencies.length) - 1)]!;
          expect(Math.abs(latencyQuantileMs(bins, q) / exact - 1)).toBeLessThanOrEqual(2 ** (1 / 16) - 1 + 1e-12);
        },
      ),
    );
  });

  it('puts everything below a sixteenth of a millisecond, and zero, into bin 0', () => {
    expect([0, 0.01, 0.0624].map(latencyBin)).toEqual([0, 0, 0]);
    expect(latencyQuantileMs([{ index: 0, count: 3 }], 0.5)).toBe(0);
  });

  it('has no quantile without latencies', () => {
    expect(latencyQuantileMs([], 0.5)).toBeNaN();
  });
});

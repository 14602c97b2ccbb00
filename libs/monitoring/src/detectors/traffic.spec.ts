import { monitorDeclarationSchema } from '@plumbline/contracts';
import { latencyBin } from '../cells/latency-bins.js';
import { noPerformance, type TrafficData } from '../windows/window-data.js';
import { traffic } from './traffic.js';

const find = (data: TrafficData, values: object = {}) => {
  const declaration = monitorDeclarationSchema.parse({ detector: 'traffic', ...values });
  if (declaration.detector !== 'traffic') throw new Error('unreachable');
  const found = traffic({
    declaration,
    task: 'binary',
    positiveClass: '1',
    profile: undefined,
    data: {
      series: [],
      traffic: data,
      performance: { ...noPerformance, predicted: data.n },
    },
  });
  return Object.fromEntries(found.map((raw) => [raw.method, raw]));
};

const latencies = (...groups: readonly (readonly [ms: number, count: number])[]): TrafficData => {
  const n = groups.reduce((sum, [, count]) => sum + count, 0);
  const latencyBins = groups.map(([ms, count]) => ({ index: latencyBin(ms), count }));
  return { n, errors: 0, latencyCount: n, latencyBins, weight: n, weightSquares: n };
};

describe('traffic', () => {
  it('measures volume, errors and latency', () => {
    const found = find({ ...latencies([20, 940], [200, 60]), errors: 100 });
    expect(Object.keys(found)).toEqual(['volume', 'error_rate', 'latency_p50_ms', 'latency_p95_ms', 'latency_p99_ms']);
    expect(found['volume']).toMatchObject({ value: 1000, threshold: undefined });
    expect(found['error_rate']).toMatchObject({
      value: 0.1,
      state: 'measured',
      threshold: { warning: 0.05, critical: 0.2 },
    });
    expect(found['error_rate']!.effect).toBeGreaterThan(0.07);
    expect(found['error_rate']!.effect).toBeLessThan(0.1);
    expect(found['latency_p50_ms']!.value / 20).toBeCloseTo(1, 1);
    expect(found['latency_p95_ms']!.value / 200).toBeCloseTo(1, 1);
  });

  it('counts what sampled predictions stand for, and doubts a total of few', () => {
    // 1 000 kept of about 10 000, at a rate of 0.1: the deviation of the total is √(1 000 · (10² − 10)) = 300.
    const sampled = find({ ...latencies([20, 1_000]), weight: 10_000, weightSquares: 100_000 })['volume']!;
    expect(sampled).toMatchObject({ value: 10_000, nCurrent: 1_000, state: 'measured' });
    expect(sampled.errorBound).toBeCloseTo(2.5758 * 300, 0);
    expect(sampled.effect).toBe(10_000 + sampled.errorBound);
    expect([sampled.lower, sampled.upper]).toEqual([10_000 - sampled.errorBound, sampled.effect]);
    expect(sampled.finding).toBe('1000 predictions came, which by their sample rates stand for 10000 (at most 10770)');
    const all = find(latencies([20, 1_000]))['volume']!;
    expect(all).toMatchObject({ value: 1_000, effect: 1_000, errorBound: 0, finding: '1000 predictions came' });
  });

  it('does not take one slow request of a hundred for a slow service', () => {
    const found = find(latencies([20, 98], [5_000, 2]))['latency_p99_ms']!;
    expect(found.value).toBeGreaterThan(4_000);
    expect(found.effect).toBeLessThan(50);
    expect(find(latencies([20, 9_500], [5_000, 500]))['latency_p99_ms']!.effect).toBeGreaterThan(4_000);
  });

  it.each([
    ['error_rate', 59, 'insufficient'],
    ['error_rate', 60, 'measured'],
    ['latency_p99_ms', 99, 'insufficient'],
    ['latency_p99_ms', 100, 'measured'],
    ['latency_p95_ms', 19, 'insufficient'],
    ['latency_p95_ms', 20, 'measured'],
    ['latency_p50_ms', 1, 'insufficient'],
    ['latency_p50_ms', 2, 'measured'],
  ])('%s on %d predictions is %s', (metric, n, state) => {
    expect(find(latencies([20, n]))[metric]!.state).toBe(state);
  });

  it('tells silence from a service that reports no latency', () => {
    const silent = find(latencies());
    expect(silent['volume']).toMatchObject({ state: 'measured', value: 0 });
    expect(silent['error_rate']!.state).toBe('no_data');
    expect(silent['latency_p99_ms']!.state).toBe('no_data');
    const mute = find({ ...latencies([20, 500]), latencyCount: 0, latencyBins: [] });
    expect(mute['latency_p99_ms']).toMatchObject({
      state: 'insufficient',
      finding: 'no prediction came with a latency',
    });
  });
});

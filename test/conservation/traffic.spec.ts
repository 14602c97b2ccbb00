import { Traffic, trafficModels } from './traffic.js';

const plan = { seed: 11, startMs: Date.UTC(2026, 0, 1), hours: 4, eventsPerHour: 200 };

describe('Traffic', () => {
  it('is the same for the same seed, and another for another', () => {
    const facts = (seed: number) => new Traffic({ ...plan, seed }).prediction(0, 17);
    expect(facts(1)).toEqual(facts(1));
    expect(facts(1)).not.toEqual(facts(2));
  });

  it.each(trafficModels.map(({ name }, model) => [name, model] as const))(
    'gives each event of %s an id of its own',
    (_, model) => {
      const traffic = new Traffic(plan);
      const ids = Array.from(
        { length: traffic.eventsPerModel },
        (_event, index) => traffic.prediction(model, index).id,
      );
      expect(new Set(ids).size).toBe(ids.length);
    },
  );

  it('has what makes a run hard: late events, early and late labels, corrections, values that are missing or wrong', () => {
    const traffic = new Traffic(plan);
    const indexes = Array.from({ length: traffic.eventsPerModel }, (_, index) => index);
    const facts = indexes.map((index) => traffic.prediction(0, index));
    const hourOf = (index: number): number => plan.startMs + Math.floor(index / plan.eventsPerHour) * 3_600_000;
    expect(facts.some(({ timestampMs }, index) => timestampMs! < hourOf(index))).toBe(true);
    expect(facts.some(({ features }) => features.income === 'n/a')).toBe(true);
    expect(facts.some(({ features }) => !('age' in features))).toBe(true);
    expect(facts.some(({ error }) => error !== '')).toBe(true);
    expect(indexes.some((index) => traffic.labels(0, index).length === 2)).toBe(true);
    const lags = indexes.map((index) => traffic.labelLag(0, index, 0));
    expect(Math.min(...lags)).toBeLessThan(0);
    expect(Math.max(...lags)).toBeGreaterThan(500);
  });
});

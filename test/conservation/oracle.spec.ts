import { Oracle } from './oracle.js';
import { SeededRandom } from './seeded-random.js';
import { Traffic, trafficModels } from './traffic.js';

const traffic = new Traffic({ seed: 3, startMs: Date.UTC(2026, 0, 1), hours: 3, eventsPerHour: 100 });

describe('Oracle', () => {
  it('issues every prediction and label once its outcome is known, and those again whose outcome is not', () => {
    const oracle = new Oracle(traffic, new SeededRandom(3));
    const chance = new SeededRandom(4);
    let unknown = 0;
    for (let batch = oracle.take(); batch !== undefined; batch = oracle.take()) {
      oracle.sent(batch);
      if (chance.chance(0.2)) {
        oracle.unknown(batch);
        unknown++;
      } else {
        oracle.acknowledged(batch);
      }
      if (oracle.issued >= 400) break;
    }
    for (let batch = oracle.takeRest(); batch !== undefined; batch = oracle.takeRest()) {
      oracle.sent(batch);
      oracle.acknowledged(batch);
    }
    expect(unknown).toBeGreaterThan(0);
    expect(oracle.acknowledgedPredictions).toBe(oracle.issued);
    let labels = 0;
    for (const [model, { timed }] of trafficModels.entries()) {
      const count = timed ? traffic.eventsPerModel : traffic.eventsPerModel / 4;
      expect(oracle.issuedOf(model)).toBe(count);
      for (let index = 0; index < count; index++) labels += traffic.labels(model, index).length;
    }
    expect(oracle.acknowledgedLabels).toBe(labels);
  });

  it('issues no more new predictions than the limit', () => {
    const oracle = new Oracle(traffic, new SeededRandom(5));
    for (let i = 0; i < 1_000; i++) oracle.take(50);
    expect(oracle.issued).toBeGreaterThanOrEqual(50);
    expect(oracle.issued).toBeLessThan(50 + 2 * 60);
  });
});

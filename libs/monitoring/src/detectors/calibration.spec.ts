import { SeededRandom } from '../../../../test/conservation/seeded-random.js';
import { driftedFamily } from '../../../../test/bench/false-alarms/drifted-family.js';
import {
  correlated,
  type Family,
  listedFamilies,
  otherFamilies,
} from '../../../../test/bench/false-alarms/families.js';
import { type Play, playMonth } from '../../../../test/bench/false-alarms/month.js';
import { referenceOfSample } from '../../../../test/bench/false-alarms/reference-of-sample.js';

const DAY_MS = 86_400_000;
const FEATURES = 16;
const WINDOWS = 15;

const familiesOf = (families: readonly Family[]): Family[] =>
  Array.from({ length: FEATURES }, (_, i) => families[i % families.length]!);

/** Windows in which each series was flagged, over half a month of days. */
function flagged(values: Pick<Play, 'features' | 'seed' | 'referenceRows' | 'rowsPerWindow'> & Partial<Play>) {
  const month = playMonth({ windows: WINDOWS, everyMs: DAY_MS, ...values });
  const series = [...month.flagged.values()].flatMap((ofMonitor) => [...ofMonitor]);
  return { ...month, series: new Map(series), days: series.flatMap(([, days]) => days).length };
}

// Small and repeatable months of what `npm run bench:false-alarms` plays at length.
describe('the default monitors, through cells, windows and decisions', () => {
  it.each([
    ['1 000 rows a day, reference of 1 000', listedFamilies, 1_000, 1_000],
    ['100 rows a day, reference of 10 000', listedFamilies, 100, 10_000],
    ['200 rows a day, reference of 2 000, rare and many classes', otherFamilies, 200, 2_000],
    ['3 000 rows a day, reference of 300', otherFamilies.slice(0, 16), 3_000, 300],
  ])('raise at most one false alarm in half a month: %s', (_, families, rowsPerWindow, referenceRows) => {
    expect(flagged({ features: familiesOf(families), rowsPerWindow, referenceRows, seed: 7 }).days).toBeLessThanOrEqual(
      1,
    );
  });

  it('raise none where all features depend on one another', () => {
    const features = familiesOf([{ name: 'correlated', draw: () => 0 }]);
    const rowOf = (random: SeededRandom) => correlated(random, 0.9, FEATURES);
    expect(flagged({ features, rowOf, rowsPerWindow: 150, referenceRows: 2_000, seed: 3 }).days).toBeLessThanOrEqual(1);
  });

  it.each([
    ['1 000 rows a day: from the first day on', 1_000, 1, 15],
    ['100 rows a day: within a week', 100, 7, 8],
  ])('find a population stability index of .2 with %s', (_, rowsPerWindow, firstWithin, atLeast) => {
    const features = familiesOf(listedFamilies);
    const drifts = [0, 2, 4, 5, 6].map((index): [number, Family] => {
      const random = new SeededRandom(index);
      const sample = Array.from({ length: 10_000 }, () => features[index]!.draw(random));
      return [index, driftedFamily(features[index]!, referenceOfSample(`f${index}`, sample), 0.2)!];
    });
    const drifted = new Map(drifts.map(([index, family]) => [index, () => family]));
    const { series } = flagged({ features, drifted, rowsPerWindow, referenceRows: 10_000, seed: 5 });
    for (const [index] of drifts) {
      const days = series.get(`f${index} psi.decile`) ?? [];
      expect(days[0]).toBeLessThan(firstWithin);
      expect(days.length).toBeGreaterThanOrEqual(atLeast);
      series.delete(`f${index} psi.decile`);
    }
    expect([...series.keys()].filter((key) => !drifts.some(([index]) => key.startsWith(`f${index} `)))).toEqual([]);
  });

  it('play the same month twice with the same result', () => {
    const month = () =>
      flagged({
        features: familiesOf(otherFamilies),
        rowsPerWindow: 60,
        referenceRows: 300,
        seed: 9,
        budget: 1000,
        windows: 8,
      });
    expect([...month().series]).toEqual([...month().series]);
  });
});

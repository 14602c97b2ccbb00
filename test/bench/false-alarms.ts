// What false alarms Plumbline's default monitors raise in a month without any drift, and what they find when there is some: `npm run
// bench:false-alarms`. Rows go through the code of the server, from binning to the decision of alerts. Options: --seeds 5, --only TEXT.
import { parseArgs } from 'node:util';
import type { ReferenceSeries } from '@plumbline/contracts';
import { driftedFamily } from './false-alarms/drifted-family.js';
import { correlated, type Family, listedFamilies, otherFamilies } from './false-alarms/families.js';
import { flagsByKs, flagsByPsi } from './false-alarms/peer-rules.js';
import { type OnWindow, type Play, playMonth } from './false-alarms/month.js';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const DRIFTED_FEATURES = 5;

const { values: options } = parseArgs({ options: { seeds: { type: 'string' }, only: { type: 'string' } } });
const seeds = Array.from({ length: Number(options.seeds ?? 5) }, (_, i) => i + 1);
const lines: string[] = [];

/** What one rule flagged in a month: series without drift, and of those with drift. */
interface Tally {
  falseOnes: number;
  found: number;
}

interface Month {
  readonly plumbline: Tally;
  readonly ks: Tally;
  readonly psi: Tally;
  readonly alerts: number;
  /** Windows until the last drifted feature was found; Infinity when one was not. */
  readonly slowest: number;
  /** Names of the families that were flagged without drift. */
  readonly culprits: readonly string[];
}

function play(month: Omit<Play, 'drifted'>, drifts: ReadonlyMap<number, Family>): Month {
  const drifted = new Map([...drifts].map(([index, family]) => [index, () => family]));
  const ks: Tally = { falseOnes: 0, found: 0 };
  const psi: Tally = { falseOnes: 0, found: 0 };
  const count = (tally: Tally, index: number): void => {
    if (drifted.has(index)) tally.found += 1;
    else tally.falseOnes += 1;
  };
  const sorted = new Map<number, Float64Array>();
  const ascending = (values: readonly (number | string)[]): Float64Array =>
    Float64Array.from(values as number[]).sort();
  const byPeers: OnWindow = (_, values, data, referenceValues, profile) => {
    values.forEach((column, i) => {
      const current = data.series.find(({ series }) => series === `f${i}`)!;
      if (flagsByPsi(profile.series[i]!, current)) count(psi, i);
      if (typeof column[0] !== 'number') return;
      if (!sorted.has(i)) sorted.set(i, ascending(referenceValues[i]!));
      if (flagsByKs(sorted.get(i)!, ascending(column))) count(ks, i);
    });
  };
  const { flagged, alerts } = playMonth({ ...month, drifted }, byPeers);
  const plumbline: Tally = { falseOnes: 0, found: 0 };
  const culprits: string[] = [];
  for (const [monitor, series] of flagged) {
    for (const [key, windows] of series) {
      const index = Number(/^f(\d+) /.exec(key)?.[1] ?? -1);
      if (drifted.has(index)) {
        if (monitor === '0') plumbline.found += windows.length;
      } else {
        plumbline.falseOnes += windows.length;
        culprits.push(`${month.features[index]?.name ?? key} (${key.split(' ')[1]}, ${windows.length})`);
      }
    }
  }
  const firsts = [...drifted.keys()].map((index) => flagged.get('0')!.get(`f${index} psi.decile`)?.[0] ?? Infinity);
  return { plumbline, ks, psi, alerts, slowest: Math.max(...firsts) + 1, culprits };
}

function say(line: string): void {
  console.log(line);
  lines.push(line);
}

const progress = (text: string): boolean =>
  process.stderr.write(`${((performance.now() - startedAt) / 1000).toFixed(0)} s: ${text}\n`);
const startedAt = performance.now();
const mean = (values: readonly number[]): string => {
  const average = values.reduce((sum, value) => sum + value, 0) / values.length;
  return String(Number(average.toFixed(1)));
};
const wanted = (name: string): boolean => options.only === undefined || name.includes(options.only);

/** `count` features of these families in turn. */
function featuresOf(families: readonly Family[], count: number): Family[] {
  return Array.from({ length: count }, (_, i) => families[i % families.length]!);
}

/** Five features of a month, others for each seed, each moved to a population stability index of .2 where its bins can tell so much. */
function driftsOf(
  features: readonly Family[],
  seed: number,
  referenceOf: (index: number) => ReferenceSeries,
): Map<number, Family> {
  const drifts = new Map<number, Family>();
  for (let step = 0; drifts.size < DRIFTED_FEATURES; step++) {
    const index = (seed * DRIFTED_FEATURES + step) % features.length;
    const moved = driftedFamily(features[index]!, referenceOf(index), 0.2);
    if (moved !== undefined) drifts.set(index, moved);
  }
  return drifts;
}

/** One row of the table: null months and drifted ones. */
function compare(name: string, families: readonly Family[], rows: number, referenceRows: number): void {
  if (!wanted(name)) return;
  const features = featuresOf(families, 50);
  const month = { features, referenceRows, rowsPerWindow: rows, windows: 30, everyMs: DAY_MS };
  const quiet: Month[] = [];
  const moved: Month[] = [];
  for (const seed of seeds) {
    quiet.push(play({ ...month, seed }, new Map()));
    // Played once without a window for the bins of this seed's reference.
    const { profile } = playMonth({ ...month, windows: 0, seed: 1000 + seed });
    moved.push(
      play(
        { ...month, seed: 1000 + seed },
        driftsOf(features, seed, (index) => profile.series[index]!),
      ),
    );
    progress(`${name}, ${rows} rows a day, reference ${referenceRows}: seed ${seed} of ${seeds.length}`);
  }
  const cell = (tallies: (month: Month) => Tally): string =>
    `${mean(quiet.map((each) => tallies(each).falseOnes))} / ${mean(moved.map((each) => tallies(each).found))}`;
  const other = mean(moved.map(({ plumbline }) => plumbline.falseOnes));
  const slowest = Math.max(...moved.map((each) => each.slowest));
  const most = Math.max(...[...quiet, ...moved].map(({ plumbline }) => plumbline.falseOnes));
  say(
    `| ${name} | ${rows} | ${referenceRows} | **${cell(({ plumbline }) => plumbline)}** | ${most} | ${other} | ${mean(quiet.map(({ alerts }) => alerts))} | ${slowest} | ${cell(({ ks }) => ks)} | ${cell(({ psi }) => psi)} |`,
  );
  const culprits = [...quiet, ...moved].flatMap((each) => each.culprits);
  if (culprits.length > 0) progress(`flagged without drift: ${culprits.join('; ')}`);
}

say(
  '| families | rows a day | reference | Plumbline: false / found of 150 | most false in a month | false beside drift | alerts | last found on day | KS p < .05 | PSI ≥ .1 |',
);
say('| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |');
for (const [name, families] of [
  ['listed', listedFamilies],
  ['others', otherFamilies],
] as const) {
  for (const [rows, reference] of [
    [1_000, 30_000],
    [1_000, 1_000],
    [100, 30_000],
    [100, 1_000],
    [30, 5_000],
    [3_000, 300],
  ] as const) {
    compare(name, families, rows, reference);
  }
}

/** Features whose values rise and fall together: one chance event flags many at once. */
if (wanted('correlated')) {
  const features = featuresOf([{ name: 'correlated', draw: () => 0 }], 50);
  for (const [rows, referenceRows] of [
    [1_000, 1_000],
    [100, 30_000],
    [250, 2_000],
  ] as const) {
    const months = seeds.map((seed) => {
      const rowOf: NonNullable<Play['rowOf']> = (random) => correlated(random, 0.9, 50);
      return play(
        { features, rowOf, referenceRows, rowsPerWindow: rows, windows: 30, everyMs: DAY_MS, seed },
        new Map(),
      );
    });
    const most = Math.max(...months.map(({ plumbline }) => plumbline.falseOnes));
    const cell = (tally: (month: Month) => Tally): string => `${mean(months.map((each) => tally(each).falseOnes))} / –`;
    say(
      `| correlated .9 | ${rows} | ${referenceRows} | **${cell(({ plumbline }) => plumbline)}** | ${most} | – | ${mean(months.map(({ alerts }) => alerts))} | – | ${cell(({ ks }) => ks)} | ${cell(({ psi }) => psi)} |`,
    );
    progress(`correlated, ${rows} rows a day`);
  }
}

/** Hourly: a month without drift, and how soon a shift is found. */
if (wanted('hourly')) {
  say('');
  say('| hourly, 100 features | rows an hour | false in 30 days | KS p < .05 | PSI ≥ .1 | found within 3 windows |');
  say('| --- | --- | --- | --- | --- | --- |');
  for (const [rows, referenceRows] of [
    [1_000, 30_000],
    [100, 30_000],
  ] as const) {
    const features = featuresOf(listedFamilies, 100);
    const hours = { features, referenceRows, rowsPerWindow: rows, everyMs: HOUR_MS };
    const quiet = play({ ...hours, windows: 720, seed: 1 }, new Map());
    progress(`hourly, ${rows} rows: a month without drift`);
    let found = 0;
    const tries = Array.from({ length: 4 * seeds.length }, (_, i) => i + 1);
    for (const seed of tries) {
      const { profile } = playMonth({ ...hours, windows: 0, seed });
      const drifts = driftsOf(features, seed, (index) => profile.series[index]!);
      const { flagged } = playMonth({
        ...{ ...hours, windows: 3, seed },
        drifted: new Map([...drifts].map(([index, family]) => [index, () => family])),
      });
      found += [...drifts.keys()].filter((index) => flagged.get('0')!.has(`f${index} psi.decile`)).length;
    }
    const share = (100 * found) / (tries.length * DRIFTED_FEATURES);
    say(
      `| reference ${referenceRows} | ${rows} | **${quiet.plumbline.falseOnes}** | ${quiet.ks.falseOnes} | ${quiet.psi.falseOnes} | **${share.toFixed(0)} %** |`,
    );
    progress(`hourly, ${rows} rows: drift`);
  }
}

/** What moves in practice: a mean by half a standard deviation, a category that nobody knew. */
if (wanted('power')) {
  say('');
  say('| power, reference 30 000 | rows a day | windows flagged | first on day (worst seed) |');
  say('| --- | --- | --- | --- |');
  const shifted = (index: number, by: number): Family => ({
    name: listedFamilies[index]!.name,
    draw: (random) => Number(listedFamilies[index]!.draw(random)) + by,
  });
  const country: Family = { name: 'country', draw: (random) => ['DE', 'FR', 'IT', 'ES'][random.integer(0, 4)]! };
  const changes: readonly [string, Family, Family][] = [
    ['normal, mean + .5 σ', listedFamilies[0]!, shifted(0, 0.5)],
    ['t with 2.5 degrees of freedom, mean + .5 σ', listedFamilies[1]!, shifted(1, 0.5 * Math.sqrt(5))],
    ['lognormal, mean + .5 σ', listedFamilies[2]!, shifted(2, 0.5 * Math.sqrt((Math.E - 1) * Math.E))],
    [
      'a new category at 5 %',
      country,
      { name: 'country', draw: (random) => (random.chance(0.05) ? 'XX' : country.draw(random)) },
    ],
  ];
  for (const [name, before, after] of changes) {
    for (const rows of [1_000, 100]) {
      const features = [before, ...featuresOf(listedFamilies, 49)];
      const months = seeds.map((seed) =>
        play(
          { features, referenceRows: 30_000, rowsPerWindow: rows, windows: 30, everyMs: DAY_MS, seed },
          new Map([[0, after]]),
        ),
      );
      const flagged = mean(months.map(({ plumbline }) => (100 * plumbline.found) / 30));
      say(`| ${name} | ${rows} | ${flagged} % | ${Math.max(...months.map(({ slowest }) => slowest))} |`);
    }
    progress(name);
  }
}

/** Every method of drift with a calibrated bound: what is left to chance by the distribution that it is judged by. */
if (wanted('methods')) {
  say('');
  say(
    '| method, bound `auto`, alpha .01 | rows a day | reference | false in a month of 20 features (expected at most .3) |',
  );
  say('| --- | --- | --- | --- |');
  const numeric = [
    'psi.decile',
    'ks',
    'wasserstein.std',
    'js.base2',
    'hellinger',
    'kl',
    'tv',
    'linf',
    'mean-shift',
    'mann-whitney',
    'psi.evidently',
  ];
  const features = featuresOf([...listedFamilies, ...otherFamilies.slice(0, 13)], 20);
  for (const method of numeric) {
    for (const [rows, referenceRows] of [
      [1_000, 30_000],
      [200, 1_000],
    ] as const) {
      const monitor = {
        detector: 'feature_drift',
        alpha: 0.01,
        numeric_methods: [method],
        thresholds: { [method]: { kind: 'auto' } },
      };
      const months = seeds.map((seed) => {
        const { flagged } = playMonth({
          features,
          referenceRows,
          rowsPerWindow: rows,
          windows: 30,
          everyMs: DAY_MS,
          seed,
          monitors: [monitor],
        });
        return [...flagged.get('0')!.values()].reduce((sum, windows) => sum + windows.length, 0);
      });
      say(`| ${method} | ${rows} | ${referenceRows} | ${mean(months)} |`);
    }
    progress(method);
  }
}

console.log(`\n${seeds.length} seeds, ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);

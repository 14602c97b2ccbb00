// What the statistics cost on one core: (1) four distances of a feature from cells, (2) 1 000 models of 100 features, (3) 100 features of
// 100 000 rows that are only in memory, binned and judged. Beside them scipy and numpy in the same run, where python3 has them. Times are
// processor times.
// Run: npm run bench:statistics
import { spawnSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import {
  type CellColumns,
  type DriftMethod,
  type FeatureCell,
  type MonitorDeclaration,
  monitorDeclarationSchema,
  type ReferenceProfile,
  type ReferenceSeries,
} from '@plumbline/contracts';
import {
  cellsOfColumns,
  compileBinSet,
  falseAlarmLevel,
  judge,
  measure,
  type SeriesData,
  type WindowData,
} from '@plumbline/monitoring';
import { compareBins } from '@plumbline/statistics';
import { SeededRandom } from '../conservation/seeded-random.js';
import { referenceOfSample } from './false-alarms/reference-of-sample.js';

const METHODS: readonly DriftMethod[] = ['psi.decile', 'ks', 'js.base2', 'wasserstein.std'];
const MODELS = 1_000;
const FEATURES = 100;
const ROWS = 100_000;
const REFERENCE_ROWS = 30_000;
const DAY_MS = 86_400_000;
const random = new SeededRandom(20_261_121);

const draws: readonly (() => number)[] = [
  () => random.normal(0, 1),
  () => Math.exp(random.normal(0, 1)),
  () => random.next(),
  () => random.normal(0, 1) / Math.sqrt(0.1 + random.next()),
];

/** Processor time of the process so far in milliseconds, garbage collection included: what one core has to give, whoever else is waiting. */
function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** The least processor time of a few runs, in milliseconds. */
function fastest(runs: number, work: () => void): number {
  let best = Infinity;
  for (let run = 0; run < runs; run++) {
    const start = processorMs();
    work();
    best = Math.min(best, processorMs() - start);
  }
  return best;
}

function report(what: string, figure: string): void {
  console.log(`${what.padEnd(100)} ${figure}`);
}

/** Counts of `rows` values over bins whose shares are those of the reference. */
function drawCounts({ counts, n }: ReferenceSeries, rows: number): number[] {
  let left = rows;
  let share = n;
  return counts.map((count) => {
    if (count === 0 || left === 0) return 0;
    const mean = (left * count) / share;
    share -= count;
    if (share <= 0) return left;
    const drawn = Math.max(0, Math.min(left, Math.round(mean + random.normal(0, 1) * Math.sqrt(mean))));
    left -= drawn;
    return drawn;
  });
}

function windowOf(reference: ReferenceSeries, rows: number): SeriesData {
  const { series, kind, binSetId, mean, std, min, max } = reference;
  const counts = drawCounts(reference, rows);
  const n = counts.reduce((sum, count) => sum + count, 0);
  const sums = { sum: n * mean, sumSquares: n * (std ** 2 + mean ** 2) };
  return { series, kind, binSetId, n, missing: 0, invalid: 0, ...sums, min, max, counts };
}

function profileOf(series: readonly ReferenceSeries[], referenceId: string): ReferenceProfile {
  const identity = { project: 'p', model: 'm', version: '1', referenceId, createdAtMs: 0, createdBy: '', source: '' };
  return { ...identity, n: REFERENCE_ROWS, series, performance: {} };
}

const noTraffic = { n: 1, errors: 0, latencyCount: 0, latencyBins: [], weight: 1, weightSquares: 1 };

/** Measures and judges a window as the evaluator does: the level from the budget, then the family. @returns how many are not ok */
function judgeWindow(
  declaration: MonitorDeclaration,
  profile: ReferenceProfile,
  series: readonly SeriesData[],
): number {
  const share = { declaration, everyMs: DAY_MS };
  const level = falseAlarmLevel(1, share, [share], profile);
  // The detectors of drift look at nothing else of a window.
  const data = { series, traffic: noTraffic } as unknown as WindowData;
  const found = measure({ declaration, task: undefined, positiveClass: undefined, profile, data, ...level });
  const placed = found.map((raw) => ({ ...raw, version: '1', segment: '', dataStartMs: 0 }));
  const window = { startMs: 0, endMs: DAY_MS };
  const frame = { project: 'p', model: 'm', monitor: 'drift', declaration, window, revision: 0, evaluatedAtMs: 0 };
  const judged = judge(placed, { ...frame, alpha: level.alpha });
  return judged.filter(({ severity }) => severity !== 'ok').length;
}

const four = monitorDeclarationSchema.parse({ detector: 'feature_drift', numeric_methods: METHODS });
const byDefault = monitorDeclarationSchema.parse({ detector: 'feature_drift' });

function sampleOf(feature: number, rows: number): Float64Array {
  const draw = draws[feature % draws.length]!;
  return Float64Array.from({ length: rows }, draw);
}

console.log(
  `${cpus()[0]?.model}, Node ${process.version}, load ${loadavg()[0]!.toFixed(1)}, ${new Date().toISOString().slice(0, 10)}`,
);

const references = Array.from({ length: FEATURES }, (_, i) =>
  referenceOfSample(`f${i}`, [...sampleOf(i, REFERENCE_ROWS)]),
);

function oneFeature(): void {
  const pairs = references.map((reference) => ({ reference, current: windowOf(reference, ROWS) }));
  let total = 0;
  for (const method of METHODS) {
    const ms = fastest(7, () => {
      for (let round = 0; round < 20; round++) for (const pair of pairs) compareBins(method, pair);
    });
    const us = (ms * 1_000) / (20 * pairs.length);
    total += us;
    report(
      `one feature from ${references[0]!.counts.length} bins: ${method}, value and error bound`,
      `${us.toFixed(2)} µs`,
    );
  }
  report('one feature: the four together', `${total.toFixed(1)} µs`);
}

function manyModels(): void {
  const models = Array.from({ length: MODELS }, () => references.map((reference) => windowOf(reference, 1_000)));
  const ms = fastest(3, () => {
    for (const series of models) {
      series.forEach((current, i) => {
        for (const method of METHODS) compareBins(method, { reference: references[i]!, current });
      });
    }
  });
  const all = `${MODELS} models of ${FEATURES} features`;
  report(`${all}: the four distances`, `${(ms / 1_000).toFixed(2)} s (goal 2 s)`);
  const profiles = models.map((_, i) => profileOf(references, `r${i}`));
  for (const [what, declaration] of [
    ['psi.decile and ks with p-values, effects and reasons (the default monitor), judged as families', byDefault],
    ['the four with p-values, effects and reasons, judged as families', four],
  ] as const) {
    const judgeMs = fastest(3, () => {
      models.forEach((series, i) => judgeWindow(declaration, profiles[i]!, series));
    });
    report(`${all}: ${what}`, `${(judgeMs / 1_000).toFixed(2)} s`);
  }
}

function inMemory(): void {
  const columns = references.map((_, i) => sampleOf(i, ROWS));
  const names = references.map(({ series }) => series);
  const table: CellColumns = {
    ...{ project: 'p', model: 'm', version: '1', rows: ROWS },
    schema: { schemaId: 1, numberNames: names, textNames: [], booleanNames: [] },
    timestampsMs: new Float64Array(ROWS).fill(1_800_000_000_000),
    idHashes: new Uint32Array(ROWS),
    numbers: columns,
    texts: [],
    invalid: new Map(),
    segments: new Map(),
    labels: undefined,
    values: undefined,
    scores: undefined,
    latenciesMs: undefined,
    errors: undefined,
    sampleWeights: undefined,
  };
  const binSets = new Map(references.map((reference) => [reference.series, compileBinSet(reference)]));
  const profile = profileOf(references, 'r');
  let binMs = Infinity;
  const ms = fastest(15, () => {
    const start = processorMs();
    const { features } = cellsOfColumns(table, binSets);
    binMs = Math.min(binMs, processorMs() - start);
    const series = features
      .filter(({ series: name }) => binSets.has(name))
      .map((cell) => seriesOfCell(cell, binSets.get(cell.series)!.bins));
    judgeWindow(byDefault, profile, series);
  });
  report(
    `in memory: ${FEATURES} features of ${ROWS} rows, binned against a prepared reference and judged`,
    `${(ms / 1_000).toFixed(3)} s (goal 0.25 s)`,
  );
  report('in memory: of it binning', `${(binMs / 1_000).toFixed(3)} s`);
}

function seriesOfCell(cell: FeatureCell, bins: number): SeriesData {
  const counts = new Array<number>(bins).fill(0);
  cell.binIndexes.forEach((bin, i) => (counts[bin] = cell.binCounts[i]!));
  return { ...cell, kind: 'numeric', counts };
}

/** The same with what people use in Python, on one thread. */
const PYTHON = `
import time
import numpy as np
from scipy import stats
from scipy.spatial import distance
rng = np.random.default_rng(1)
def fastest(runs, work):
    best = float("inf")
    for _ in range(runs):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best
x, y = rng.normal(size=${ROWS}), rng.normal(size=${ROWS})
edges = np.quantile(x, np.arange(1, 10) / 10)
shares = lambda values: (np.bincount(np.searchsorted(edges, values, side="right"), minlength=10) + .5) / (len(values) + 5)
def psi(p, q):
    return np.sum((p - q) * np.log(p / q))
lines = [
    ("scipy, one feature of ${ROWS} against ${ROWS} raw rows: ks_2samp", fastest(3, lambda: stats.ks_2samp(x, y))),
    ("scipy: wasserstein_distance", fastest(3, lambda: stats.wasserstein_distance(x, y))),
    ("numpy and scipy: PSI over deciles", fastest(3, lambda: psi(shares(x), shares(y)))),
    ("numpy and scipy: Jensen-Shannon over deciles", fastest(3, lambda: distance.jensenshannon(shares(x), shares(y), 2))),
]
columns = [rng.normal(size=${ROWS}) for _ in range(${FEATURES})]
reference = shares(x)
lines.append(("numpy, ${FEATURES} features of ${ROWS} rows with prepared decile edges: PSI alone", fastest(3, lambda: [psi(reference, shares(c)) for c in columns])))
fine = np.quantile(x, np.arange(1, 120) / 120)
lines.append(("numpy, the same: counts over 120 prepared bins alone", fastest(3, lambda: [np.bincount(np.searchsorted(fine, c, side="right"), minlength=120) for c in columns])))
for what, seconds in lines:
    print(f"{what}\\t{seconds * 1000:.1f} ms")
`;

function python(): void {
  const threads = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };
  const child = spawnSync('python3', ['-c', PYTHON], { encoding: 'utf8', env: { ...process.env, ...threads } });
  if (child.status !== 0) {
    console.log(
      `python3 with numpy and scipy is not here: nothing to compare with (${child.error?.message ?? child.stderr.trim().split('\n').at(-1)})`,
    );
    return;
  }
  for (const line of child.stdout.trim().split('\n')) {
    const [what, figure] = line.split('\t');
    report(what!, figure!);
  }
}

oneFeature();
manyModels();
inMemory();
python();
console.log(`load at the end ${loadavg()[0]!.toFixed(1)}`);

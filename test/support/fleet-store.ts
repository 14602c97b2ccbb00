import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Store } from '@plumbline/storage';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Edges between the bins of a numeric feature, as a reference has them. */
const EDGES = 119;
/** Bins that the rows of an hour fall into. */
const FILLED_BINS = 24;

export interface FleetStoreOptions {
  readonly models: number;
  /** Of each model; every fifth is a category. */
  readonly features: number;
  /** How far back traffic, cells, windows and alerts go. */
  readonly days: number;
  /** End of the newest window: a whole day. */
  readonly endMs: number;
  /** Models that have windows of an hour: the first ones. The others have windows of a day. */
  readonly hourlyModels?: number;
  /** Models that have hourly cells of features: the first ones; all when absent. */
  readonly modelsWithCells?: number;
  /** Told of each table as it is filled. */
  readonly onTable?: (table: string) => void;
}

/** Name of the model at a place of the fleet, counted from 0. */
export const fleetModel = (index: number): string => `model-${String(index).padStart(4, '0')}`;
/** Name of a feature of every model of the fleet, counted from 0. */
export const fleetFeature = (index: number): string => `feature-${String(index).padStart(3, '0')}`;
export const FLEET_PROJECT = 'default';

const literal = (value: string): string => `'${value.replaceAll("'", "\\'")}'`;
const list = (values: readonly string[]): string => `[${values.map(literal).join(',')}]`;

/**
 * Fills a migrated, empty store as a fleet of models leaves it: each model gets a prediction a minute, has a reference of all its
 * features, windows with the measurements of the default monitors, performance with labels, and now and then an alert. Of twenty
 * models one has a critical alert that fires and one a warning. The engine makes the rows, so that 1 000 models take minutes;
 * the values are hashes of where they stand, the same at each run. There are no raw rows.
 * @throws StorageError
 */
export async function fillFleetStore(store: Store, options: FleetStoreOptions): Promise<void> {
  const { models, features, days, endMs, hourlyModels = 0, modelsWithCells = models } = options;
  if (endMs % DAY_MS !== 0) throw new RangeError(`endMs must be a whole day, and ${endMs} is none`);
  const project = literal(FLEET_PROJECT);
  const MODEL = `concat('model-', leftPad(toString(m), 4, '0'))`;
  const names = Array.from({ length: features }, (_, i) => fleetFeature(i));
  const isCategory = (i: number): boolean => i % 5 === 4;
  const seconds = (ms: number): number => Math.floor(ms / 1_000);
  const startMs = endMs - days * DAY_MS;

  const insert = async (table: string, columns: string, select: string): Promise<void> => {
    const sql = `INSERT INTO ${table} (${columns}) ${select}`;
    // A token is the batch's identity, and this batch is its text.
    const token = createHash('sha256').update(sql).digest('hex');
    await store.command({ name: `fill ${table}`, sql, params: z.object({}) }, {}, token);
  };
  /** One insert a day, as tables grow: a single large one would leave a single part. */
  const everyDay = async (fill: (dayMs: number) => Promise<void>): Promise<void> => {
    for (let day = 0; day < days; day++) await fill(startMs + day * DAY_MS);
  };

  const told = options.onTable ?? (() => undefined);
  told('model');
  await insert(
    'model',
    'project, model, declaration, origin, updated_by, updated_at',
    `SELECT ${project}, ${MODEL}, if(m < ${hourlyModels}, '{"windows":{"every":"1h"}}', '{}'), 'inferred', 'bench',
       toDateTime64(${seconds(startMs)}, 3, 'UTC') FROM (SELECT number AS m FROM numbers(${models}))`,
  );
  const ofFeature = `FROM (SELECT intDiv(number, ${features}) AS m, number % ${features} AS f FROM numbers(${models * features}))`;
  await insert(
    'model_feature',
    'project, model, feature, kind, origin, rank, updated_at',
    `SELECT ${project}, ${MODEL}, ${list(names)}[f + 1], if(f % 5 = 4, 'categorical', 'numeric'), 'inferred', 1,
       toDateTime64(${seconds(startMs)}, 3, 'UTC') ${ofFeature}`,
  );
  told('reference_series');
  const series = [...names, '$prediction', '$score'];
  const ofSeries = (count: number): string =>
    `(SELECT intDiv(number, ${series.length}) AS m, number % ${series.length} AS s, ${list(series)}[s + 1] AS series,
       s = ${features} OR (s < ${features} AND s % 5 = 4) AS category FROM numbers(${count * series.length}))`;
  const categories = `if(series = '$prediction', ['0', '1'], ['a', 'b', 'c', 'd', 'e', 'f'])`;
  const binSet = `concat('bins-', leftPad(toString(m), 4, '0'), '-', series)`;
  const lastBin = `if(category, length(${categories}) + 1, ${EDGES})`;
  await insert(
    'reference_series',
    'project, model, reference_id, series, kind, bin_set_id, edges, decile_edge_indexes, categories, counts, n, missing, mean, std, min, max',
    `SELECT ${project}, ${MODEL}, concat('reference-', toString(m)), series, if(category, 'categorical', 'numeric'), ${binSet},
       if(category, [], arrayMap(i -> toFloat64(i + 1), range(${EDGES}))), if(category, [], arrayMap(i -> toUInt16(i * 12 - 1), range(1, 10))),
       if(category, ${categories}, []), arrayMap(i -> toUInt64(100), range(toUInt32(${lastBin} + 1))), 100 * (${lastBin} + 1), 10,
       60, 34, 0, 120
     FROM ${ofSeries(models)}`,
  );
  await insert(
    'reference_profile',
    'project, model, version, reference_id, source, n, performance, created_by, created_at',
    `SELECT ${project}, ${MODEL}, '1', concat('reference-', toString(m)), 'bench', 12000,
       '{"accuracy":0.92,"roc_auc":0.95,"f1":0.9,"log_loss":0.3}', 'bench', toDateTime64(${seconds(startMs)}, 3, 'UTC')
     FROM (SELECT number AS m FROM numbers(${models}))`,
  );

  told('traffic_cell');
  await everyDay((dayMs) =>
    insert(
      'traffic_cell',
      'project, model, version, segment, minute, n, id_hash_sum, errors, latency_n, latency_bins',
      `SELECT ${project}, ${MODEL}, '1', '', toDateTime(${seconds(dayMs)} + minute * 60, 'UTC'), 1 + h % 3, h, h % 97 = 0, 1 + h % 3,
         ([toUInt16(90 + h % 8), toUInt16(100 + h % 8), toUInt16(120 + h % 16)], [toUInt64(1), toUInt64(1), toUInt64(1)])
       FROM (SELECT intDiv(number, 1440) AS m, number % 1440 AS minute, sipHash64(${dayMs}, number) AS h FROM numbers(${models * 1440}))`,
    ),
  );

  told('feature_cell_hour');
  await everyDay((dayMs) =>
    insert(
      'feature_cell_hour',
      'project, model, version, segment, series, bin_set_id, hour, n, missing, invalid, sum, sum_squares, min, max, bins, revision',
      `SELECT ${project}, ${MODEL}, '1', '', series, ${binSet}, toDateTime(${seconds(dayMs)} + hour * 3600, 'UTC'), 120, h % 4, 0,
         if(category, 0, 7200 + h % 600), if(category, 0, 500000), if(category, inf, 0), if(category, -inf, 120),
         if(category, (arrayMap(i -> toUInt16(i), range(toUInt32(${lastBin}))), arrayMap(i -> toUInt64(1 + (h + i) % 40), range(toUInt32(${lastBin})))),
           (arrayMap(i -> toUInt16(i * ${Math.floor(EDGES / FILLED_BINS)} + h % 4), range(${FILLED_BINS})),
            arrayMap(i -> toUInt64(1 + (h + i) % 9), range(${FILLED_BINS})))), 1
       FROM (SELECT *, hour_of_day AS hour, sipHash64(${dayMs}, m, s, hour) AS h FROM ${ofSeries(modelsWithCells)}
             ARRAY JOIN range(24) AS hour_of_day)`,
    ),
  );

  told('measurement');
  const measured = measuredSeries(names, isCategory);
  const column = (pick: (one: MeasuredSeries) => string): string => `${list(measured.map(pick))}[s + 1]`;
  const windows = async (first: number, count: number, windowMs: number): Promise<void> => {
    if (count <= 0) return;
    const perDay = DAY_MS / windowMs;
    await everyDay(async (dayMs) => {
      await insert(
        'measurement',
        `project, model, monitor, version, segment, feature, method, window_start, window_end, data_start, revision, value, effect,
         error_bound, p_value, adjusted_p_value, n_reference, n_current, n_missing, threshold_warning, threshold_critical, lower, upper,
         label_coverage, label_lag_p50_ms, reference_id, severity, decides, reason, evaluated_at`,
        `WITH ${column(({ kind }) => kind)} AS kind, (h % 1000) / 1000 AS chance,
           multiIf(kind = 'drift', if(s % 25 = 0, 0.3, 0.03) * chance, kind = 'rate', if(s % 40 = 0, 0.1, 0.004) * chance,
             kind = 'performance', 0.88 + 0.05 * chance, 40 * chance) AS measured
         SELECT ${project}, ${MODEL}, ${column(({ monitor }) => monitor)}, if(kind = 'traffic', '', '1'), '', ${column(({ feature }) => feature)},
           ${column(({ method }) => method)}, at - ${windowMs / 1_000}, at, at - ${windowMs / 1_000}, 1, measured,
           multiIf(kind = 'drift', measured - 0.01, kind = 'performance', (0.92 - measured) / 0.92, measured), 0.001,
           if(kind = 'drift', 1 - chance, nan), if(kind = 'drift', least(1, 2 - 2 * chance), nan), 12000, 2880, h % 9,
           multiIf(kind = 'drift', 0.1, kind = 'traffic', nan, 0.05), multiIf(kind = 'drift', 0.25, kind = 'traffic', nan, 0.2),
           if(kind = 'performance', measured - 0.02, nan), if(kind = 'performance', measured + 0.02, nan),
           if(kind = 'performance', 0.8, nan), if(kind = 'performance', 86400000, nan), concat('reference-', toString(m)),
           multiIf(kind = 'drift' AND measured >= 0.25, 'critical', kind IN ('drift', 'rate') AND measured >= if(kind = 'drift', 0.1, 0.05), 'warning', 'ok'),
           kind != 'traffic', concat('Measured ', toString(round(measured, 4)), ' over 2 880 rows; the bound is not reached.'), at + 600
         FROM (SELECT ${first} + intDiv(number, ${perDay * measured.length}) AS m, number % ${measured.length} AS s,
             toDateTime64(${seconds(dayMs + windowMs)}, 3, 'UTC') + intDiv(number, ${measured.length}) % ${perDay} * ${windowMs / 1_000} AS at,
             sipHash64(${dayMs}, number) AS h FROM numbers(${count * perDay * measured.length}))`,
      );
      await insert(
        'evaluation',
        'project, model, monitor, window_ms, window_end, revision, evaluated_at',
        `SELECT ${project}, ${MODEL}, ${list(MONITORS)}[number % ${MONITORS.length} + 1], ${windowMs}, at, 1, at + 600
         FROM (SELECT ${first} + intDiv(number, ${perDay * MONITORS.length}) AS m, number,
             toDateTime64(${seconds(dayMs + windowMs)}, 3, 'UTC') + intDiv(number, ${MONITORS.length}) % ${perDay} * ${windowMs / 1_000} AS at
           FROM numbers(${count * perDay * MONITORS.length}))`,
      );
    });
  };
  await windows(0, hourlyModels, HOUR_MS);
  await windows(hourlyModels, models - hourlyModels, DAY_MS);

  told('transition');
  // Every third day of a model an alert begins that is over a day later; the newest of every twentieth model still fires.
  await everyDay((dayMs) =>
    insert(
      'transition',
      `project, model, monitor, transition_id, alert_id, version, segment, feature, method, window_start, window_end, revision,
       from_status, to_status, severity, severity_before, value, threshold, n_current, p_value, reason, notifiable, decided_at, precedence`,
      `WITH ${dayMs === endMs - DAY_MS ? 1 : 0} AS newest
       SELECT ${project}, ${MODEL}, 'feature-drift', hex(sipHash128(m, ${dayMs}, ends)), hex(sipHash128(m, ${dayMs})), '1', '',
         ${list(names)}[1 + m % ${features}], 'psi.decile', at - 86400, at, 1, if(ends, 'firing', 'inactive'), if(ends, 'inactive', 'firing'),
         multiIf(ends, 'ok', m % 20 = 0, 'critical', 'warning'), if(ends, 'warning', 'ok'), 0.3, 0.1, 2880, 0.0001,
         if(ends, 'Below the bound again.', 'PSI is .3 over 2 880 rows, beyond .1.'), 1, at + 600, 1
       FROM (SELECT m, ends, toDateTime64(${seconds(dayMs + DAY_MS)}, 3, 'UTC') + ends * 86400 AS at
             FROM (SELECT number AS m FROM numbers(${models})) ARRAY JOIN [0, 1] AS ends)
       WHERE if(newest, m % 20 < 2 AND NOT ends, (m + ${Math.floor(dayMs / DAY_MS)}) % 3 = 0)`,
    ),
  );
}

interface MeasuredSeries {
  readonly kind: 'drift' | 'rate' | 'performance' | 'traffic';
  readonly monitor: string;
  readonly feature: string;
  readonly method: string;
}

const MONITORS = ['feature-drift', 'prediction-drift', 'data-quality', 'performance', 'traffic'];

/** What the default monitors measure in a window of a binary classifier. */
function measuredSeries(names: readonly string[], isCategory: (index: number) => boolean): MeasuredSeries[] {
  const of = (kind: MeasuredSeries['kind'], monitor: string, feature: string, methods: readonly string[]) =>
    methods.map((method) => ({ kind, monitor, feature, method }));
  return [
    ...names.flatMap((name, i) => [
      ...of('drift', 'feature-drift', name, ['psi.decile', isCategory(i) ? 'chi2.contingency' : 'ks']),
      ...of('rate', 'data-quality', name, [
        'missing_rate',
        'invalid_rate',
        isCategory(i) ? 'unseen_rate' : 'out_of_range_rate',
      ]),
    ]),
    ...of('drift', 'prediction-drift', '$prediction', ['psi.decile', 'chi2.contingency']),
    ...of('drift', 'prediction-drift', '$score', ['psi.decile', 'ks']),
    ...of('performance', 'performance', '', ['accuracy', 'roc_auc', 'f1', 'log_loss']),
    ...of('traffic', 'traffic', '', ['volume', 'error_rate', 'latency_p99_ms']),
  ];
}

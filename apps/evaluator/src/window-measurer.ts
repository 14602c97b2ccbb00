import type { Measurement, Model, Monitor, MonitorDeclaration, ReferenceProfile } from '@plumbline/contracts';
import { labelHorizonMs, PREDICTION_SERIES } from '@plumbline/contracts';
import {
  comparisonKey,
  driftingQualityMetrics,
  falseAlarmLevel,
  type FalseAlarmLevel,
  type Importance,
  importanceOf,
  isDeclaredSegment,
  judge,
  measure,
  needsWidening,
  type PlacedMeasurement,
  positiveClassOf,
  type ReferenceInForce,
  recordUnimportant,
  referencesInForce,
  resolveWindowing,
  selectsOne,
  selectsSegment,
  takeWider,
  undefinedMeasurement,
  WATCHED_WINDOWS,
  widenedStart,
  type Window,
  weighByImportance,
  type WindowData,
} from '@plumbline/monitoring';
import { type Comparison, Comparisons, type MovingReferenceParts, WindowDataReader } from '@plumbline/references';
import {
  findFeatureImportance,
  listActiveSegments,
  listActiveVersions,
  listChainMeasurements,
  type Store,
} from '@plumbline/storage';
import type { Logger } from '@plumbline/telemetry';

/** A window, with the mark of its last evaluation if there was one. */
type EvaluatedWindow = Window & { readonly mark?: unknown };

/** Measures the windows of one model, reading each reference and each sum of cells once. */
export class WindowMeasurer {
  private readonly comparisons: Comparisons;
  private readonly inForce = new Map<string, Promise<Map<string, ReferenceInForce>>>();
  private readonly versions = new Map<string, Promise<string[]>>();
  private readonly segments = new Map<string, Promise<Map<string, string[]>>>();
  private readonly data: WindowDataReader;
  private importance: Promise<Importance> | undefined;

  constructor(
    private readonly store: Store,
    private readonly logger: Logger,
    private readonly model: Model,
    /** All of the model: they share its budget of false alarms. */
    private readonly monitors: readonly Monitor[],
    private readonly references: 'in force' | 'current',
  ) {
    this.comparisons = new Comparisons(store, model);
    this.data = new WindowDataReader(store);
  }

  /** Forgets the cells read so far: the next window reads others. */
  forgetData(): void {
    this.data.forget();
    this.versions.clear();
    this.segments.clear();
    this.inForce.clear();
    this.comparisons.forget();
  }

  /** Returns what a monitor finds in a window, judged as one family. @throws StorageError */
  async measureWindow(monitor: Monitor, window: EvaluatedWindow, evaluatedAtMs: number): Promise<Measurement[]> {
    const { project, model } = this.model;
    const families: { readonly version: string; readonly segment: string }[] = [];
    for (const version of await this.versionsToMeasure(monitor, window)) {
      for (const segment of await this.segmentsToMeasure(monitor, version, window)) families.push({ version, segment });
    }
    const level = await this.levelOf(monitor, families, window);
    const placed: PlacedMeasurement[] = [];
    for (const { version, segment } of families)
      placed.push(...(await this.measureSegment(monitor, version, segment, window, level)));
    const { declaration } = monitor;
    const frame = { project, model, monitor: monitor.monitor, declaration, window, revision: 0, evaluatedAtMs };
    const judged = judge(placed, { ...frame, alpha: level.alpha });
    switch (declaration.detector) {
      case 'feature_drift':
        return weighByImportance(judged, await this.importanceInForce(), declaration.importance);
      case 'data_quality':
        return recordUnimportant(
          judged,
          await this.importanceInForce(),
          declaration.importance.alert_from,
          driftingQualityMetrics,
        );
      default:
        return judged;
    }
  }

  private importanceInForce(): Promise<Importance> {
    const { project, model, declaration } = this.model;
    this.importance ??= findFeatureImportance(this.store, project, model).then((uploaded) =>
      importanceOf(declaration.features, uploaded?.importance),
    );
    return this.importance;
  }

  /** Returns the versions that made predictions in a window. */
  async activeVersions({ startMs, endMs }: Window): Promise<string[]> {
    const key = `${startMs}/${endMs}`;
    const known =
      this.versions.get(key) ?? listActiveVersions(this.store, this.model.project, this.model.model, startMs, endMs);
    this.versions.set(key, known);
    return known;
  }

  /**
   * The versions of the window, and those that have fallen silent: all of late when the whole model has, else just long enough for
   * their alerts to resolve, because another version has taken over.
   */
  private async versionsToMeasure({ declaration }: Monitor, window: Window): Promise<string[]> {
    const active = await this.activeVersions(window);
    const watched = Math.max(WATCHED_WINDOWS, ...('widen' in declaration ? declaration.widen : []));
    const back = active.length > 0 ? declaration.keep_firing_for + 2 : watched;
    const recent = await this.activeVersions({ startMs: widenedStart(window, back), endMs: window.endMs });
    const versions = [...new Set([...active, ...recent])].sort();
    return declaration.version === undefined ? versions : versions.filter((version) => version === declaration.version);
  }

  /**
   * The segments of a version that the monitor selects: the one that it names, or those that had predictions of late: what is
   * silent is not gone. A segment that is not declared any more is none.
   */
  private async segmentsToMeasure({ declaration }: Monitor, version: string, window: Window): Promise<string[]> {
    const { segments } = this.model.declaration;
    if (selectsOne(declaration.segment, segments)) return [declaration.segment ?? ''];
    const active = await this.activeSegments(widenedStart(window, WATCHED_WINDOWS), window.endMs);
    return (active.get(version) ?? []).filter(
      (segment) => selectsSegment(declaration.segment, segment) && isDeclaredSegment(segment, segments),
    );
  }

  private async activeSegments(fromMs: number, toMs: number): Promise<Map<string, string[]>> {
    const key = `${fromMs}/${toMs}`;
    const { project, model } = this.model;
    const known = this.segments.get(key) ?? listActiveSegments(this.store, project, model, fromMs, toMs);
    this.segments.set(key, known);
    return known;
  }

  /** The levels at which the monitor keeps within its part of the model's false alarms; by the reference with most series. */
  private async levelOf(
    { declaration }: Monitor,
    families: readonly { readonly version: string }[],
    { startMs, endMs }: Window,
  ): Promise<FalseAlarmLevel> {
    const { false_alarms_per_month, windows } = this.model.declaration;
    const profiles = await Promise.all(families.map(({ version }) => this.profile(version)));
    const profile = profiles.reduce(
      (most, each) => ((each?.series.length ?? 0) > (most?.series.length ?? 0) ? each : most),
      undefined,
    );
    const monitors = this.monitors.map((each) => ({
      declaration: each.declaration,
      everyMs: resolveWindowing(windows, each.declaration.windows).everyMs,
    }));
    const own = { declaration, everyMs: endMs - startMs };
    return falseAlarmLevel(false_alarms_per_month, own, monitors, profile, Math.max(1, families.length));
  }

  /** Tries ever wider data, but only while something that decides has too little. */
  private async measureSegment(
    monitor: Monitor,
    version: string,
    segment: string,
    window: EvaluatedWindow,
    level: FalseAlarmLevel,
  ): Promise<PlacedMeasurement[]> {
    const { declaration } = monitor;
    const factors = 'widen' in declaration ? [...declaration.widen].sort((left, right) => left - right) : [];
    let measurements = await this.measureData(monitor, version, segment, window, window.startMs, level);
    for (const factor of factors) {
      if (!needsWidening(measurements)) break;
      const wider = await this.measureData(monitor, version, segment, window, widenedStart(window, factor), level);
      measurements = takeWider(measurements, wider);
    }
    return measurements;
  }

  private async measureData(
    { declaration, monitor }: Monitor,
    version: string,
    segment: string,
    window: EvaluatedWindow,
    dataStartMs: number,
    level: FalseAlarmLevel,
  ): Promise<PlacedMeasurement[]> {
    const { endMs } = window;
    const { profile, lacking } = await this.comparison(monitor, declaration, version, segment, window, dataStartMs);
    const { project, model } = this.model;
    const scope = { project, model, version, segment, fromMs: dataStartMs, toMs: endMs };
    const parts = { series: looksAtSeries(declaration), performance: declaration.detector === 'performance' };
    const data = await this.data.read(scope, profile ?? (await this.profile(version)), parts);
    const { task } = this.model.declaration;
    const positiveClass = positiveClassOf(this.model.declaration, classesIn(data, profile));
    try {
      const labelsDue = { windowEndMs: endMs, horizonMs: labelHorizonMs(this.model.declaration) };
      const raws = measure({
        declaration,
        task,
        positiveClass,
        profile,
        ...(lacking && { lacking }),
        data,
        labelsDue,
        ...level,
      });
      return raws.map((raw) => ({ ...raw, version, segment, dataStartMs }));
    } catch (error) {
      // A detector that fails costs its own monitor this window; the others are evaluated all the same.
      this.logger.error({ err: error, model: this.model.model, monitor, version }, 'a detector failed');
      const finding = `the detector failed: ${error instanceof Error ? error.message : String(error)}`;
      const raw = {
        ...undefinedMeasurement,
        feature: '',
        method: declaration.detector,
        state: 'error',
        finding,
      } as const;
      return [{ ...raw, version, segment, dataStartMs }];
    }
  }

  private async comparison(
    monitor: string,
    declaration: MonitorDeclaration,
    version: string,
    segment: string,
    window: EvaluatedWindow,
    dataStartMs: number,
  ): Promise<Comparison> {
    const inForce = (await this.referencesInForce(monitor, window)).get(comparisonKey(version, segment));
    const compared = { version, segment, window, dataStartMs };
    const declared = 'reference' in declaration ? declaration.reference : undefined;
    const parts: MovingReferenceParts = { series: looksAtSeries(declaration), chunks: wantsChunks(declaration) };
    return this.comparisons.of(compared, declared, parts, inForce);
  }

  /** What an evaluated window was compared with: a reference that came since does not change what late data makes of it. */
  private async referencesInForce(monitor: string, window: EvaluatedWindow): Promise<Map<string, ReferenceInForce>> {
    if (this.references === 'current' || window.mark === undefined) return new Map();
    const { startMs, endMs } = window;
    const key = `${monitor}/${startMs}/${endMs}`;
    const { project, model } = this.model;
    const chain = { project, model, monitor, windowMs: endMs - startMs };
    const known =
      this.inForce.get(key) ?? listChainMeasurements(this.store, chain, endMs, endMs).then(referencesInForce);
    this.inForce.set(key, known);
    return known;
  }

  /** The reference that gives a version its bins. */
  private profile(version: string): Promise<ReferenceProfile | undefined> {
    return this.comparisons.bins(version);
  }
}

function looksAtSeries({ detector }: MonitorDeclaration): boolean {
  return detector !== 'performance' && detector !== 'traffic';
}

/** Whether bounds are to be found from the spread over parts of the reference. */
function wantsChunks(declaration: MonitorDeclaration): boolean {
  const thresholds: readonly unknown[] = Object.values(declaration.thresholds);
  return thresholds.some(
    (threshold) =>
      typeof threshold === 'object' &&
      threshold !== null &&
      'kind' in threshold &&
      (threshold.kind === 'standard_deviations' || threshold.kind === 'quantiles'),
  );
}

/** The classes that predictions or labels of the window, or predictions of the reference, name. */
function classesIn({ performance }: WindowData, profile: ReferenceProfile | undefined): string[] {
  const answers = profile?.series.find(({ series }) => series === PREDICTION_SERIES);
  return [
    ...(answers === undefined || answers.kind === 'numeric' ? [] : answers.categories),
    ...performance.confusion.flatMap(({ predicted, label }) => [predicted, label]),
  ];
}

import { Injectable } from '@nestjs/common';
import type { Measurement } from '@plumbline/contracts';
import { Metrics } from '@plumbline/telemetry';
import { Counter, Gauge, Histogram } from 'prom-client';

/** Why a tick did less than it should: a closed set, because it is a metric label. */
export type MissReason = 'still_running' | 'overloaded' | 'unavailable' | 'storage';

/** Series of features shown per model: beyond that the table of measurements is the place to look. */
const FEATURES_PER_MODEL = 100;

/** What the evaluator tells of itself, and the last values of what it watches. */
@Injectable()
export class EvaluatorMetrics {
  private readonly duration: Histogram;
  private readonly lastSuccess: Gauge;
  private readonly misses: Counter<'reason'>;
  private readonly windows: Counter<'trigger'>;
  private readonly transitions: Counter<'to'>;
  private readonly drift: Gauge<'project' | 'model' | 'version' | 'feature' | 'method'>;
  private readonly missing: Gauge<'project' | 'model' | 'version' | 'feature'>;
  private readonly performance: Gauge<'project' | 'model' | 'version' | 'metric'>;
  private readonly coverage: Gauge<'project' | 'model' | 'version'>;
  private readonly features = new Map<string, Set<string>>();

  constructor({ registry }: Metrics) {
    const registers = [registry];
    this.duration = new Histogram({
      name: 'plumbline_evaluation_duration_seconds',
      help: 'How long a tick took that had windows to evaluate',
      buckets: [0.1, 0.5, 1, 5, 10, 30, 60, 300],
      registers,
    });
    this.lastSuccess = new Gauge({
      name: 'plumbline_evaluation_last_success_timestamp_seconds',
      help: 'When a tick last finished with everything done',
      registers,
    });
    this.misses = new Counter({
      name: 'plumbline_scheduler_misses_total',
      help: 'Ticks that could not do their work, in whole or for one model',
      labelNames: ['reason'],
      registers,
    });
    this.windows = new Counter({
      name: 'plumbline_evaluated_windows_total',
      help: 'Windows evaluated, by what asked for it',
      labelNames: ['trigger'],
      registers,
    });
    this.transitions = new Counter({
      name: 'plumbline_alert_transitions_total',
      help: 'Changes of alert state, by the status they led to',
      labelNames: ['to'],
      registers,
    });
    const series = ['project', 'model', 'version'] as const;
    this.drift = new Gauge({
      name: 'plumbline_drift_score',
      help: 'Drift in the last window, by method; at most 100 features of a model',
      labelNames: [...series, 'feature', 'method'],
      registers,
    });
    this.missing = new Gauge({
      name: 'plumbline_missing_ratio',
      help: 'Share of missing values in the last window; at most 100 features of a model',
      labelNames: [...series, 'feature'],
      registers,
    });
    this.performance = new Gauge({
      name: 'plumbline_performance',
      help: 'Performance on the labels of the last window, by metric',
      labelNames: [...series, 'metric'],
      registers,
    });
    this.coverage = new Gauge({
      name: 'plumbline_label_coverage_ratio',
      help: 'Share of the predictions of the last window that have a label',
      labelNames: [...series],
      registers,
    });
  }

  tickDone(durationMs: number, atMs: number, complete: boolean): void {
    this.duration.observe(durationMs / 1000);
    if (complete) this.lastSuccess.set(atMs / 1000);
  }

  missed(reason: MissReason): void {
    this.misses.inc({ reason });
  }

  windowEvaluated(trigger: 'tick' | 'request'): void {
    this.windows.inc({ trigger });
  }

  alertChanged(to: string): void {
    this.transitions.inc({ to });
  }

  /** Shows the measurements of the latest of the windows. */
  show(detector: string, measurements: readonly Measurement[]): void {
    const latestMs = Math.max(...measurements.map(({ windowEndMs }) => windowEndMs));
    for (const measurement of measurements) {
      if (measurement.windowEndMs === latestMs && measurement.segment === '') this.showOne(detector, measurement);
    }
  }

  private showOne(detector: string, measurement: Measurement): void {
    const { project, model, version, feature, method, value, nCurrent, nMissing } = measurement;
    const labels = { project, model, version };
    if (detector === 'performance') {
      this.performance.set({ ...labels, metric: method }, value);
      if (nCurrent + nMissing > 0) this.coverage.set(labels, nCurrent / (nCurrent + nMissing));
    } else if (feature !== '' && this.mayShow(measurement)) {
      if (detector === 'feature_drift' || detector === 'prediction_drift')
        this.drift.set({ ...labels, feature, method }, value);
      if (detector === 'data_quality' && method === 'missing_rate') this.missing.set({ ...labels, feature }, value);
    }
  }

  private mayShow({ project, model, feature }: Measurement): boolean {
    const key = `${project}/${model}`;
    const shown = this.features.get(key) ?? new Set<string>();
    this.features.set(key, shown);
    if (shown.size < FEATURES_PER_MODEL) shown.add(feature);
    return shown.has(feature);
  }
}

import type { OpenMetricsContentType } from 'prom-client';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';

/**
 * The metrics of a process. Apps define theirs in `*.metrics.ts` with `registers: [metrics.registry]`.
 *
 * Exposed as OpenMetrics only: prom-client renames counters when it writes that format, so one registry cannot offer both.
 */
export class Metrics {
  readonly registry = new Registry<OpenMetricsContentType>();

  constructor({ version }: { readonly version: string }) {
    this.registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    collectDefaultMetrics({ register: this.registry });
    new Gauge({
      name: 'plumbline_build_info',
      help: 'Always 1; the labels say what runs',
      labelNames: ['version', 'node'],
      registers: [this.registry],
    }).set({ version, node: process.versions.node }, 1);
  }
}

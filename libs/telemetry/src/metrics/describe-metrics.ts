import type { MetricObject, Registry } from 'prom-client';

export interface MetricDescription {
  readonly name: string;
  readonly type: string;
  readonly labels: readonly string[];
  readonly help: string;
}

/** Describes the metrics of our own (prefix `plumbline_`) in a registry, by name. */
export function describeMetrics(registry: Pick<Registry, 'getMetricsAsArray'>): MetricDescription[] {
  return registry
    .getMetricsAsArray()
    .map((metric) => ({
      name: exposedName(metric),
      type: String(metric.type),
      labels: labelNamesOf(metric),
      help: metric.help,
    }))
    .filter(({ name }) => name.startsWith('plumbline_'))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}

/** prom-client takes `_total` off a counter once it has written it as OpenMetrics, where the samples still end in it. */
function exposedName({ name, type }: MetricObject): string {
  return String(type) === 'counter' && !name.endsWith('_total') ? `${name}_total` : name;
}

/** Every metric has `labelNames`, but the types of prom-client do not tell. */
function labelNamesOf(metric: MetricObject): readonly string[] {
  return 'labelNames' in metric ? (metric.labelNames as readonly string[]) : [];
}

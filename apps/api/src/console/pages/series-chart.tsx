import { type Measurement, performanceMetrics, qualityMetrics } from '@plumbline/contracts';
import { performanceBounds } from '@plumbline/monitoring';
import {
  Chart,
  ColorKey,
  formatValue,
  type LineBound,
  lineChart,
  lineColor,
  plain,
  ViewerContext,
} from '@plumbline/report';
import { useContext } from 'preact/hooks';
import { MeasurementTable } from './measurement-table.js';

const MAX_LINES = 6;

export interface SeriesChartProps {
  /** Of one method, the oldest first; each version is a line. */
  readonly measurements: readonly Measurement[];
  readonly fromMs: number;
  readonly toMs: number;
  /** What is drawn, as in "PSI of income". */
  readonly title: string;
}

/** A measured number over time with the bounds that it should keep, and the same as a table. */
export function SeriesChart({ measurements, fromMs, toMs, title }: SeriesChartProps) {
  const { zone } = useContext(ViewerContext);
  const newest = measurements.at(-1);
  if (newest === undefined) return null;
  const { method } = newest;
  // The newest versions are what somebody looks for.
  const versions = [...new Set([...measurements].reverse().map(({ version }) => version))].slice(0, MAX_LINES);
  const lines = versions.map((version) => ({
    name: `version ${plain(version, 40)}`,
    points: measurements.filter((each) => each.version === version).map(pointOf),
  }));
  return (
    <>
      {lines.length > 1 && <ColorKey entries={lines.map(({ name }, index) => ({ name, color: lineColor(index) }))} />}
      <Chart
        draw={(width) =>
          lineChart(
            { lines, bounds: boundsOf(newest), method, fromMs, toMs, zone },
            { width, height: 220, title, description: inWords(measurements) },
          )
        }
      />
      <MeasurementTable caption={title} measurements={measurements} />
    </>
  );
}

/** Each window stands at its middle. */
function pointOf({
  windowStartMs,
  windowEndMs,
  value,
  lower,
  upper,
  severity,
  finalFromMs,
  evaluatedAtMs,
}: Measurement) {
  return {
    atMs: (windowStartMs + windowEndMs) / 2,
    value,
    lower,
    upper,
    provisional: finalFromMs > evaluatedAtMs,
    tone: severity === 'critical' || severity === 'warning' ? severity : undefined,
  };
}

/** Bounds in the unit of the value: those of performance and quality are declared beside the reference. */
function boundsOf(newest: Measurement): LineBound[] {
  const { method, value, effect, thresholdWarning, thresholdCritical } = newest;
  if (isOneOf(performanceMetrics, method)) {
    const { reference, warningAt, criticalAt } = performanceBounds(method, newest, undefined);
    return named(warningAt, criticalAt, reference);
  }
  // The effect of a rate is its increase over that of the reference.
  const base = isOneOf(qualityMetrics, method) ? value - effect : 0;
  return named(base + thresholdWarning, base + thresholdCritical, undefined);
}

function named(warning: number | undefined, critical: number | undefined, reference: number | undefined): LineBound[] {
  const bounds = [
    { at: reference, name: 'reference', tone: 'reference' },
    { at: warning, name: 'warning', tone: 'warning' },
    { at: critical, name: 'critical', tone: 'critical' },
  ] as const;
  return bounds.flatMap(({ at, name, tone }) => (at === undefined || !Number.isFinite(at) ? [] : [{ at, name, tone }]));
}

function isOneOf(names: readonly string[], method: string): boolean {
  return names.includes(method);
}

function inWords(measurements: readonly Measurement[]): string {
  const known = measurements.filter(({ value }) => Number.isFinite(value));
  const last = known.at(-1);
  if (last === undefined) return 'Not known in any window';
  const values = known.map(({ value }) => value);
  const format = (value: number): string => formatValue(last.method, value);
  return `${known.length} windows, ${format(Math.min(...values))} to ${format(Math.max(...values))}, ${format(last.value)} in the last`;
}

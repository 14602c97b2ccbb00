import { parseDuration, type AlertReply, type MeasurementReply } from '@plumbline/contracts';
import { Option, type Command } from 'commander';
import { isAtLeast, isOpenInRange } from '../alert-in-range.js';
import { CliError, UsageError } from '../cli-error.js';
import { contextOf, type CommandEnvironment } from '../command-context.js';
import { EXIT_ALERT } from '../exit-code.js';
import { numberText } from '../number-text.js';
import { durationOption, instantOption, listOption, nameOption } from '../option-parsers.js';
import { allPages } from '../pages.js';
import { ProgressBar } from '../progress-bar.js';
import { runEvaluation } from '../run-evaluation.js';
import { table } from '../table.js';

interface EvaluateOptions {
  readonly model: string;
  readonly from: string;
  readonly to: string;
  readonly every?: string;
  readonly monitors?: readonly string[];
  readonly failOn?: 'warning' | 'critical';
}

export function addEvaluateCommand(program: Command, environment: CommandEnvironment): void {
  const command = program
    .command('evaluate')
    .description('evaluate the windows of a time range, the past included, and show the alerts in it')
    .requiredOption('--model <name>', 'of this model', nameOption)
    .requiredOption('--from <instant>', 'first instant: ISO 8601, now, or 7d for so long ago', instantOption)
    .requiredOption('--to <instant>', 'instant after the last', instantOption)
    .option(
      '--every <duration>',
      'length of the windows, counted from --from; the monitors’ own when absent',
      durationOption,
    )
    .option('--monitors <names>', 'only these, separated by commas', listOption)
    .addOption(
      new Option('--fail-on <severity>', 'exit with 3 on an alert of this severity or worse').choices([
        'warning',
        'critical',
      ]),
    )
    .action(async ({ model, from, to, every, monitors, failOn }: EvaluateOptions) => {
      if (from >= to) throw new UsageError('--from must be before --to');
      const { client, output } = contextOf(command, environment);
      const bar = new ProgressBar(output, 'windows {bar} {done}/{all} | ETA {eta_formatted}', { done: 0, all: '?' });
      const request = {
        model,
        from,
        to,
        ...(every ? { every } : {}),
        ...(monitors ? { monitors: [...monitors] } : {}),
      };
      const evaluation = await runEvaluation(client, request, (reply) => {
        bar.update(reply.windows_done / Math.max(reply.windows_total, 1), {
          done: reply.windows_done,
          all: reply.windows_total,
        });
      }).finally(() => bar.stop());

      const fromMs = Date.parse(from);
      const toMs = Date.parse(to);
      const alerts = (await allPages<AlertReply>(client, '/v1/alerts', { model })).filter(
        (alert) => isOpenInRange(alert, fromMs, toMs) && (monitors === undefined || monitors.includes(alert.monitor)),
      );
      const unjudged = await allPages<MeasurementReply>(
        client,
        `/v1/models/${model}/measurements`,
        { severity: 'no_reference', from, to },
        MAX_UNJUDGED,
      );
      // No alert does not mean that all is well where there was nothing to compare with.
      for (const remark of withoutReference(unjudged, monitors)) output.note(remark);
      if (evaluation.windows_total === 0) {
        output.note(
          'no whole window of this range is over yet: ask for a longer range, or for shorter windows with --every',
        );
      }
      const failing = failOn === undefined ? [] : alerts.filter((alert) => isAtLeast(alert.severity, failOn));
      output.result(
        { evaluation, alerts, failed: failing.length > 0 },
        [`${evaluation.windows_done} windows evaluated`, windowTable(alerts, { fromMs, toMs, every })].join('\n'),
      );
      if (failing.length > 0) {
        throw new CliError(`${failing.length} alerts of severity ${failOn} or worse (--fail-on)`, EXIT_ALERT);
      }
    });
}

/** Measurements looked through for monitors that had nothing to compare with. */
const MAX_UNJUDGED = 500;

/** One remark for each monitor and version that had no reference in some window. */
function withoutReference(found: readonly MeasurementReply[], monitors: readonly string[] | undefined): string[] {
  const chosen = found.filter(({ monitor }) => monitors === undefined || monitors.includes(monitor));
  const byMonitor = new Map(chosen.map((each) => [`${each.monitor} (version ${each.version})`, each.reason]));
  return [...byMonitor].map(([monitor, reason]) => `${monitor} was not judged in some windows: ${reason}`);
}

interface EvaluatedRange {
  readonly fromMs: number;
  readonly toMs: number;
  readonly every: string | undefined;
}

/** Alerts by the window in which they fired; with a known length of windows the quiet ones too. */
function windowTable(alerts: readonly AlertReply[], { fromMs, toMs, every }: EvaluatedRange): string {
  const byWindow = new Map<number, AlertReply[]>();
  if (every !== undefined) {
    const lengthMs = parseDuration(every);
    for (let endMs = fromMs + lengthMs; endMs <= toMs; endMs += lengthMs) byWindow.set(endMs, []);
  }
  for (const alert of alerts) {
    const endMs = Date.parse(alert.fired_at);
    byWindow.set(endMs, [...(byWindow.get(endMs) ?? []), alert]);
  }
  if (alerts.length === 0) return 'no alert in this range';
  const rows = [...byWindow]
    .sort(([a], [b]) => a - b)
    .flatMap(([endMs, fired]) => {
      const end = new Date(endMs).toISOString();
      return fired.length === 0 ? [[end, 'quiet']] : fired.map((alert) => [end, ...alertCells(alert)]);
    });
  return table(
    ['window end', 'severity', 'monitor', 'version', 'feature', 'method', 'value', 'threshold', 'resolved'],
    rows,
  );
}

function alertCells(alert: AlertReply): readonly string[] {
  return [
    alert.severity,
    alert.monitor,
    alert.version,
    alert.feature,
    alert.method,
    numberText(alert.value),
    numberText(alert.threshold),
    alert.resolved_at ?? 'open',
  ];
}

import type { AlertReply } from '@plumbline/contracts';
import { Option, type Command } from 'commander';
import { contextOf, type CommandEnvironment } from '../command-context.js';
import { countOption, nameOption } from '../option-parsers.js';
import { allPages } from '../pages.js';
import { numberText } from '../number-text.js';
import { table } from '../table.js';

interface AlertsOptions {
  readonly model?: string;
  readonly status?: string;
  readonly limit: number;
}

export function addAlertsCommand(program: Command, environment: CommandEnvironment): void {
  const command = program
    .command('alerts')
    .description('list alerts, the newest first')
    .option('--model <name>', 'only of this model', nameOption)
    .addOption(new Option('--status <status>', 'only these').choices(['firing', 'resolved']))
    .option('--limit <count>', 'at most this many', countOption, 200)
    .action(async (options: AlertsOptions) => {
      const { client, output } = contextOf(command, environment);
      const { model, status, limit } = options;
      const alerts = await allPages<AlertReply>(client, '/v1/alerts', { model, status }, limit);
      output.result(alerts, alerts.length === 0 ? 'no alerts' : alertTable(alerts));
    });
}

function alertTable(alerts: readonly AlertReply[]): string {
  return table(
    [
      'status',
      'severity',
      'model',
      'version',
      'monitor',
      'segment',
      'feature',
      'method',
      'value',
      'threshold',
      'fired',
      'resolved',
    ],
    alerts.map((alert) => [
      alert.status,
      alert.severity,
      alert.model,
      alert.version,
      alert.monitor,
      alert.segment,
      alert.feature,
      alert.method,
      numberText(alert.value),
      numberText(alert.threshold),
      alert.fired_at,
      alert.resolved_at ?? '',
    ]),
  );
}

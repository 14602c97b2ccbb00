import type { AlertActionKind, AlertDetailReply, AlertReply } from '@plumbline/contracts';
import { Option, type Command } from 'commander';
import { alertDetailText, alertTable } from '../alert-text.js';
import { contextOf, type CommandEnvironment } from '../command-context.js';
import { countOption, nameOption } from '../option-parsers.js';
import { allPages } from '../pages.js';

interface AlertsOptions {
  readonly model?: string;
  readonly status?: string;
  readonly severity?: string;
  readonly limit: number;
}

interface ActionOptions {
  readonly note?: string;
}

export function addAlertsCommand(program: Command, environment: CommandEnvironment): void {
  const command = program
    .command('alerts')
    .description('list alerts, the newest first; show one, or say what is done about it')
    .option('--model <name>', 'only of this model', nameOption)
    .addOption(new Option('--status <status>', 'only these').choices(['firing', 'resolved']))
    .addOption(new Option('--severity <severity>', 'only these').choices(['warning', 'critical']))
    .option('--limit <count>', 'at most this many', countOption, 200)
    .allowExcessArguments(false)
    .action(async (options: AlertsOptions) => {
      const { client, output } = contextOf(command, environment);
      const { model, status, severity, limit } = options;
      const alerts = await allPages<AlertReply>(client, '/v1/alerts', { model, status, severity }, limit);
      output.result(alerts, alerts.length === 0 ? 'no alerts' : alertTable(alerts));
    });

  const show = command
    .command('show')
    .description('show an alert with its history and what was done about it')
    .argument('<id>', 'its id')
    .action(async (id: string) => {
      const { client, output } = contextOf(show, environment);
      const alert = (await client.get(alertPath(id))) as AlertDetailReply;
      output.result(alert, alertDetailText(alert));
    });

  addAction(command, environment, 'ack', 'acknowledge', 'say that you work on an alert');
  addAction(command, environment, 'unack', 'unacknowledge', 'take an acknowledgement back');
  addAction(command, environment, 'resolve', 'resolve', 'end an alert; if windows go on to breach, another one fires');

  const note = command
    .command('note')
    .description('write something down about an alert')
    .argument('<id>', 'its id')
    .argument('<text>', 'what there is to say')
    .action(async (id: string, text: string) => {
      const { client, output } = contextOf(note, environment);
      const alert = (await client.post(`${alertPath(id)}/notes`, { note: text })) as AlertDetailReply;
      output.result(alert, alertDetailText(alert));
    });
}

function addAction(
  parent: Command,
  environment: CommandEnvironment,
  name: string,
  action: AlertActionKind,
  description: string,
): void {
  const command = parent
    .command(name)
    .description(description)
    .argument('<id>', 'its id')
    .option('--note <text>', 'why, for those who look at it later')
    .action(async (id: string, { note }: ActionOptions) => {
      const { client, output } = contextOf(command, environment);
      const alert = (await client.post(`${alertPath(id)}/${action}`, { note })) as AlertDetailReply;
      output.result(alert, alertDetailText(alert));
    });
}

function alertPath(id: string): string {
  return `/v1/alerts/${encodeURIComponent(id)}`;
}

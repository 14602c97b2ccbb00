import { notificationOutcomes, type NotificationReply } from '@plumbline/contracts';
import { Option, type Command } from 'commander';
import { contextOf, type CommandEnvironment } from '../command-context.js';
import { countOption, nameOption } from '../option-parsers.js';
import { allPages } from '../pages.js';
import { table } from '../table.js';

interface ListOptions {
  readonly receiver?: string;
  readonly model?: string;
  readonly outcome?: string;
  readonly limit: number;
}

const SHOWN_DETAIL_LENGTH = 80;

export function addNotificationsCommands(program: Command, environment: CommandEnvironment): void {
  const group = program.command('notifications').description('messages to receivers, and what became of them');

  const list = group
    .command('list')
    .description('list messages, the newest first')
    .option('--receiver <name>', 'only to this receiver', nameOption)
    .option('--model <name>', 'only about this model', nameOption)
    .addOption(new Option('--outcome <outcome>', 'only these').choices(notificationOutcomes))
    .option('--limit <count>', 'at most this many', countOption, 200)
    .action(async ({ limit, ...query }: ListOptions) => {
      const { client, output } = contextOf(list, environment);
      const found = await allPages<NotificationReply>(client, '/v1/notifications', { ...query }, limit);
      output.result(found, found.length === 0 ? 'no notifications' : notificationTable(found));
    });

  const retry = group
    .command('retry')
    .description('send a message now that waits for its next attempt, or was given up')
    .argument('<id>', 'its id')
    .action(async (id: string) => {
      const { client, output } = contextOf(retry, environment);
      const path = `/v1/notifications/${encodeURIComponent(id)}/retry`;
      const reply = (await client.post(path, {})) as NotificationReply;
      output.result(reply, `notification ${reply.notification_id} to ${reply.receiver} is being sent`);
    });
}

function notificationTable(notifications: readonly NotificationReply[]): string {
  const header = [
    'notification',
    'receiver',
    'group',
    'cause',
    'severity',
    'alerts',
    'outcome',
    'attempts',
    'made',
    'last answer',
  ];
  const rows = notifications.map((each) => {
    const last = each.attempts.at(-1);
    const answer = last === undefined ? '' : `${last.status === 0 ? '' : `${last.status} `}${last.detail}`;
    return [
      each.notification_id,
      each.receiver,
      Object.values(each.group).join(' / '),
      each.cause,
      each.severity,
      String(each.alerts.length),
      each.outcome,
      String(each.attempts.length),
      each.created_at,
      answer.slice(0, SHOWN_DETAIL_LENGTH),
    ];
  });
  return table(header, rows);
}

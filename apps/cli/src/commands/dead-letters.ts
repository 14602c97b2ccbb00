import {
  type DeadLetterActionReply,
  type DeadLetterDetailReply,
  type DeadLetterFilter,
  deadLetterReasons,
  type DeadLetterReply,
  deadLetterStates,
} from '@plumbline/contracts';
import { Option, type Command } from 'commander';
import type { ApiClient } from '../api-client.js';
import { CliError } from '../cli-error.js';
import { contextOf, type CommandEnvironment } from '../command-context.js';
import { EXIT_FAILURE, EXIT_USAGE } from '../exit-code.js';
import { countOption, instantOption, nameOption } from '../option-parsers.js';
import { allPages } from '../pages.js';
import { table } from '../table.js';

interface ListOptions extends DeadLetterFilter {
  readonly state?: string;
  readonly limit: number;
}

interface ActionOptions extends DeadLetterFilter {
  readonly all?: boolean;
}

/** Ids in one request. */
const IDS_PER_REQUEST = 1_000;
const SHOWN_DETAIL_LENGTH = 80;

export function addDeadLettersCommands(program: Command, environment: CommandEnvironment): void {
  const group = program
    .command('dead-letters')
    .description('events that were accepted, or written to Kafka, and could not be stored');

  const list = withFilter(group.command('list').description('list dead letters, the newest first'))
    .addOption(new Option('--state <state>', 'only these').choices(deadLetterStates))
    .option('--limit <count>', 'at most this many', countOption, 200)
    .action(async ({ limit, ...query }: ListOptions) => {
      const { client, output } = contextOf(list, environment);
      const letters = await allPages<DeadLetterReply>(client, '/v1/dead-letters', { ...query }, limit);
      output.result(letters, letters.length === 0 ? 'no dead letters' : letterTable(letters));
    });

  const show = group
    .command('show')
    .description('show a dead letter with the bytes that came')
    .argument('<id>', 'its id')
    .action(async (id: string) => {
      const { client, output } = contextOf(show, environment);
      const letter = (await client.get(`/v1/dead-letters/${encodeURIComponent(id)}`)) as DeadLetterDetailReply;
      output.result(letter, letterText(letter));
    });

  const replay = withFilter(
    group
      .command('replay')
      .description('send dead letters through intake once more; exit code 1 when some would be refused again')
      .argument('[id...]', 'these; or say which with options')
      .option('--all', 'all that are open'),
  ).action(async (ids: string[], options: ActionOptions) => {
    const { client, output } = contextOf(replay, environment);
    const reply = await act(client, 'replay', ids, options);
    output.result(reply, actionText(reply, 'replayed'));
    if (reply.refused.length > 0) throw new CliError('some dead letters would be refused again', EXIT_FAILURE);
  });

  const discard = withFilter(
    group
      .command('discard')
      .description('give dead letters up; they stay readable')
      .argument('[id...]', 'these; or say which with options')
      .option('--all', 'all that are open'),
  ).action(async (ids: string[], options: ActionOptions) => {
    const { client, output } = contextOf(discard, environment);
    const reply = await act(client, 'discard', ids, options);
    output.result(reply, actionText(reply, 'discarded'));
  });
}

function withFilter(command: Command): Command {
  return command
    .option('--model <name>', 'only of this model', nameOption)
    .addOption(new Option('--kind <kind>', 'only these').choices(['prediction', 'label']))
    .addOption(new Option('--reason <reason>', 'only with this reason').choices(deadLetterReasons))
    .option('--from <instant>', 'only those set aside at this instant or later', instantOption)
    .option('--to <instant>', 'only those set aside before this instant', instantOption);
}

/** Runs an action on all that is meant, request by request, and adds the replies up. */
async function act(
  client: ApiClient,
  action: 'replay' | 'discard',
  ids: readonly string[],
  { all, ...filter }: ActionOptions,
): Promise<DeadLetterActionReply> {
  const filtered = Object.keys(filter).length > 0;
  if (Number(ids.length > 0) + Number(filtered) + Number(all === true) !== 1) {
    throw new CliError('say which dead letters: ids, or options such as --model, or --all', EXIT_USAGE);
  }
  const total: DeadLetterActionReply = { changed: 0, unchanged: 0, refused: [], next_cursor: null };
  const send = async (selection: object): Promise<string | null> => {
    const reply = (await client.post(`/v1/dead-letters/${action}`, selection)) as DeadLetterActionReply;
    total.changed += reply.changed;
    total.unchanged += reply.unchanged;
    total.refused.push(...reply.refused);
    return reply.next_cursor;
  };
  if (ids.length > 0) {
    for (let i = 0; i < ids.length; i += IDS_PER_REQUEST) await send({ ids: ids.slice(i, i + IDS_PER_REQUEST) });
    return total;
  }
  let cursor: string | null | undefined;
  do cursor = await send({ filter, ...(cursor ? { cursor } : {}) });
  while (cursor !== null);
  return total;
}

function letterTable(letters: readonly DeadLetterReply[]): string {
  const header = ['id', 'state', 'kind', 'model', 'prediction', 'reason', 'position', 'set aside', 'detail'];
  const rows = letters.map((letter) => [
    letter.dead_letter_id,
    letter.state,
    letter.kind,
    letter.model,
    letter.prediction_id,
    letter.reason,
    letter.position,
    letter.created_at,
    letter.detail.slice(0, SHOWN_DETAIL_LENGTH),
  ]);
  return table(header, rows);
}

function letterText(letter: DeadLetterDetailReply): string {
  const { headers, encoding, payload, ...facts } = letter;
  const lines = Object.entries(facts).map(([name, value]) => `${name}: ${value ?? ''}`);
  const headerLines = Object.entries(headers).map(([name, value]) => `header ${name}: ${value}`);
  return [...lines, ...headerLines, `payload (${encoding}):`, payload].join('\n');
}

function actionText({ changed, unchanged, refused }: DeadLetterActionReply, done: string): string {
  const before = unchanged > 0 ? `, ${unchanged} decided before` : '';
  const open = refused.length > 0 ? `, ${refused.length} stay open` : '';
  const why = refused.map((one) => `\n  ${one.dead_letter_id}  ${one.reason}: ${one.detail}`);
  return `${changed} ${done}${before}${open}${why.join('')}`;
}

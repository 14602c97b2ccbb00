import type { SilenceReply } from '@plumbline/contracts';
import { Option, type Command } from 'commander';
import { contextOf, type CommandEnvironment } from '../command-context.js';
import { durationOption, instantOption } from '../option-parsers.js';
import { table } from '../table.js';

interface AddOptions {
  readonly comment: string;
  readonly duration?: string;
  readonly from?: string;
  readonly to?: string;
}

export function addSilencesCommands(program: Command, environment: CommandEnvironment): void {
  const group = program.command('silences').description('alerts that nobody is told of for a while');

  const list = group
    .command('list')
    .description('list silences that are pending or active')
    .addOption(new Option('--state <state>', 'only these').choices(['pending', 'active', 'expired']))
    .action(async (query: { readonly state?: string }) => {
      const { client, output } = contextOf(list, environment);
      const { items } = (await client.get('/v1/silences', { ...query })) as { readonly items: readonly SilenceReply[] };
      output.result(items, items.length === 0 ? 'no silences' : silenceTable(items));
    });

  const add = group
    .command('add')
    .description('silence the alerts that match; what still fires when it is over is told then')
    .argument('<matcher...>', 'as in model=loan or feature=~"age|income"; all must hold')
    .requiredOption('--comment <text>', 'why')
    .option('--duration <duration>', 'how long, as in 2h (the default)', durationOption)
    .option('--from <instant>', 'from when; now when it is left out', instantOption)
    .option('--to <instant>', 'until when, instead of --duration', instantOption)
    .action(async (matchers: string[], { comment, duration, from, to }: AddOptions) => {
      const { client, output } = contextOf(add, environment);
      const end = to === undefined ? { duration: duration ?? '2h' } : { ends_at: to, duration };
      const body = { matchers, comment, ...(from === undefined ? {} : { starts_at: from }), ...end };
      const silence = (await client.post('/v1/silences', body)) as SilenceReply;
      output.result(silence, `silence ${silence.silence_id} lasts until ${silence.ends_at}`);
    });

  const expire = group
    .command('expire')
    .description('end a silence now')
    .argument('<id>', 'its id')
    .action(async (id: string) => {
      const { client, output } = contextOf(expire, environment);
      const path = `/v1/silences/${encodeURIComponent(id)}`;
      await client.request('DELETE', path);
      const silence = (await client.get(path)) as SilenceReply;
      output.result(silence, `silence ${silence.silence_id} is ${silence.state}`);
    });
}

function silenceTable(silences: readonly SilenceReply[]): string {
  const header = ['silence', 'state', 'matchers', 'from', 'to', 'author', 'comment'];
  const rows = silences.map((silence) => [
    silence.silence_id,
    silence.state,
    silence.matchers.join(', '),
    silence.starts_at,
    silence.ends_at,
    silence.author,
    silence.comment,
  ]);
  return table(header, rows);
}

import type { ReceiverReply, ReceiverTestReply } from '@plumbline/contracts';
import type { Command } from 'commander';
import { CliError } from '../cli-error.js';
import { contextOf, type CommandEnvironment } from '../command-context.js';
import { EXIT_FAILURE } from '../exit-code.js';
import { nameOption } from '../option-parsers.js';
import { table } from '../table.js';

export function addReceiversCommands(program: Command, environment: CommandEnvironment): void {
  const group = program.command('receivers').description('who is told of alerts');

  const list = group
    .command('list')
    .description('list receivers')
    .action(async () => {
      const { client, output } = contextOf(list, environment);
      const { items } = (await client.get('/v1/receivers')) as { readonly items: readonly ReceiverReply[] };
      const rows = items.map(({ receiver, channel, state, updated_at, updated_by }) => [
        receiver,
        channel,
        state,
        updated_at,
        updated_by,
      ]);
      const text = table(['receiver', 'channel', 'state', 'changed', 'by'], rows);
      output.result(items, items.length === 0 ? 'no receivers: alerts are written to the log' : text);
    });

  const test = group
    .command('test')
    .description('send a test message; exit code 1 when the receiver does not take it')
    .argument('<receiver>', 'its name', nameOption)
    .action(async (name: string) => {
      const { client, output } = contextOf(test, environment);
      const reply = (await client.post(`/v1/receivers/${encodeURIComponent(name)}/test`, {})) as ReceiverTestReply;
      const answer = [reply.status === 0 ? '' : `status ${reply.status}`, reply.detail].filter((part) => part !== '');
      const said = answer.length === 0 ? '' : `: ${answer.join(', ')}`;
      output.result(reply, `the test message was ${reply.outcome === 'delivered' ? 'delivered' : 'not taken'}${said}`);
      if (reply.outcome === 'failed')
        throw new CliError(`receiver ${name} did not take the test message`, EXIT_FAILURE);
    });
}

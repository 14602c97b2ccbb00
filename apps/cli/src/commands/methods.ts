import type { MethodReply } from '@plumbline/contracts';
import type { Command } from 'commander';
import { contextOf, type CommandEnvironment } from '../command-context.js';
import { table } from '../table.js';

export function addMethodsCommand(program: Command, environment: CommandEnvironment): void {
  const command = program
    .command('methods')
    .description('list the drift methods: formula, bins, usual thresholds, source')
    .allowExcessArguments(false)
    .action(async () => {
      const { client, output } = contextOf(command, environment);
      const { items } = (await client.get('/v1/methods')) as { readonly items: readonly MethodReply[] };
      output.result(items, methodTable(items));
    });
}

function methodTable(methods: readonly MethodReply[]): string {
  const header = ['id', 'kinds', 'warning', 'critical', 'from bins', 'formula', 'bins', 'minimum of rows', 'source'];
  const rows = methods.map((method) => [
    method.id,
    method.kinds.join(', '),
    String(method.default_thresholds.warning),
    String(method.default_thresholds.critical),
    method.from_bins,
    method.formula,
    method.bins,
    method.minimum_rows,
    method.reference,
  ]);
  return table(header, rows);
}

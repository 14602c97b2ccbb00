import type { CellVerificationReply } from '@plumbline/contracts';
import type { Command } from 'commander';
import { CliError } from '../cli-error.js';
import { contextOf, type CommandEnvironment } from '../command-context.js';
import { EXIT_CELLS_DIFFER } from '../exit-code.js';
import { instantOption, nameOption } from '../option-parsers.js';

interface VerifyOptions {
  readonly model: string;
  readonly from?: string;
  readonly to?: string;
  readonly repair?: boolean;
}

export function addCellsCommands(program: Command, environment: CommandEnvironment): void {
  const group = program.command('cells').description('compare the rollups with the raw rows they are made of');
  const command = group
    .command('verify')
    .description(
      'compute the cells of a model from raw rows again and compare; exit code 4 when they differ and are not repaired',
    )
    .requiredOption('--model <name>', 'of this model', nameOption)
    .option('--from <instant>', 'first instant: ISO 8601, now, or 7d for so long ago', instantOption)
    .option('--to <instant>', 'instant after the last', instantOption)
    .option('--repair', 'replace cells that differ')
    .action(async ({ model, from, to, repair }: VerifyOptions) => {
      const { client, output } = contextOf(command, environment);
      const reply = (await client.post(`/v1/models/${model}/cells/verify`, {
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
        ...(repair ? { repair } : {}),
      })) as CellVerificationReply;
      const repaired = reply.repaired > 0 ? `, ${reply.repaired} repaired` : '';
      const examples = reply.examples.map((example) => `\n  ${JSON.stringify(example)}`).join('');
      output.result(
        reply,
        `${reply.cells} cells of ${reply.predictions} predictions compared, ${reply.mismatches} differ${repaired}${examples}`,
      );
      if (reply.mismatches > 0 && reply.repaired === 0)
        throw new CliError('cells differ from the raw rows', EXIT_CELLS_DIFFER);
    });
}

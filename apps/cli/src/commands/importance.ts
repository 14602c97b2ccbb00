import { readFile } from 'node:fs/promises';
import type { FeatureImportanceReply } from '@plumbline/contracts';
import type { Command } from 'commander';
import { UsageError } from '../cli-error.js';
import { contextOf, type CommandEnvironment } from '../command-context.js';
import { nameOption } from '../option-parsers.js';
import { table } from '../table.js';

interface ImportanceOptions {
  readonly model: string;
}

export function addImportanceCommands(program: Command, environment: CommandEnvironment): void {
  const group = program.command('importance').description('say how much each feature of a model matters');

  const upload = group
    .command('upload <file>')
    .description('a CSV file of features and numbers, or a JSON file as in {"income": 0.4}; any scale')
    .requiredOption('--model <name>', 'model it belongs to', nameOption)
    .action(async (path: string, options: ImportanceOptions) => {
      const { client, output } = contextOf(upload, environment);
      const content = await readFile(path).catch((error: unknown) => {
        throw new UsageError(`cannot read ${path}: ${(error as Error).message}`);
      });
      const contentType = path.toLowerCase().endsWith('.csv') ? 'text/csv' : 'application/json';
      const reply = await client.request('PUT', pathOf(options), { contentType, content });
      output.result(reply.body, importanceText(reply.body as FeatureImportanceReply));
    });

  const show = group
    .command('show')
    .description('the importance in force')
    .requiredOption('--model <name>', 'model it belongs to', nameOption)
    .action(async (options: ImportanceOptions) => {
      const { client, output } = contextOf(show, environment);
      const reply = await client.get(pathOf(options));
      output.result(reply, importanceText(reply as FeatureImportanceReply));
    });

  const remove = group
    .command('delete')
    .description('take an upload back: what the model declares is in force again')
    .requiredOption('--model <name>', 'model it belongs to', nameOption)
    .action(async (options: ImportanceOptions) => {
      const { client, output } = contextOf(remove, environment);
      await client.request('DELETE', pathOf(options));
      output.result({ model: options.model }, `the importance of the features of ${options.model} is what it declares`);
    });
}

function pathOf({ model }: ImportanceOptions): string {
  return `/v1/models/${model}/feature-importance`;
}

function importanceText({ model, features }: FeatureImportanceReply): string {
  if (features.length === 0) return `no importance of features of ${model} is known: drift of each counts alike`;
  return table(
    ['feature', 'importance', 'of the largest', 'origin'],
    features.map(({ name, importance, share_of_largest, origin }) => [
      name,
      importance.toPrecision(3),
      `${(share_of_largest * 100).toFixed(1)} %`,
      origin,
    ]),
  );
}

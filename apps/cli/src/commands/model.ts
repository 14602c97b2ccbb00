import type { Command } from 'commander';
import { stringify } from 'yaml';
import { contextOf, type CommandEnvironment } from '../command-context.js';
import { applyModelFile } from '../model-file/apply-model-file.js';
import { readModelFile } from '../model-file/read-model-file.js';
import { nameOption } from '../option-parsers.js';

export function addModelCommands(program: Command, environment: CommandEnvironment): void {
  const group = program
    .command('model')
    .description('declare models, their monitors, receivers and retraining policies');

  const apply = group
    .command('apply <file>')
    .description('declare what a YAML file says; applying it again changes nothing')
    .action(async (path: string) => {
      const { client, output } = contextOf(apply, environment);
      const applied = await applyModelFile(client, await readModelFile(path));
      output.result(
        { file: path, applied },
        applied.map(({ resource, name, outcome }) => `${resource} ${name}: ${outcome}`).join('\n'),
      );
    });

  const get = group
    .command('get <name>')
    .description('show a model as the server knows it')
    .action(async (name: string) => {
      const { client, output } = contextOf(get, environment);
      const model = await client.get(`/v1/models/${nameOption(name)}`);
      output.result(model, stringify(model).trimEnd());
    });
}

import type { Command } from 'commander';
import { stringify } from 'yaml';
import { contextOf, type CommandEnvironment } from '../command-context.js';
import { nameOption } from '../option-parsers.js';

export function addModelCommand(program: Command, environment: CommandEnvironment): void {
  const group = program.command('model').description('show models');
  const get = group
    .command('get <name>')
    .description('show a model as the server knows it')
    .action(async (name: string) => {
      const { client, output } = contextOf(get, environment);
      const model = await client.get(`/v1/models/${nameOption(name)}`);
      output.result(model, stringify(model).trimEnd());
    });
}

import type { Command } from 'commander';
import { contextOf, type CommandEnvironment } from '../command-context.js';
import { type DemoOptions, runDemo } from '../demo/run-demo.js';

export function addDemoCommand(program: Command, environment: CommandEnvironment): void {
  const command = program
    .command('demo')
    .description('play two weeks of a drifting loan model against a server of its own, in about a minute')
    .option('--keep', 'leave the server up at the end')
    .option('--data-dir <folder>', 'an empty folder for its data, which then stay there')
    .action(async (options: DemoOptions) => {
      await runDemo(contextOf(command, environment).output, environment, options);
    });
}

import type { Command } from 'commander';
import { contextOf, type CommandEnvironment } from '../command-context.js';
import { runDemo } from '../demo/run-demo.js';

export function addDemoCommand(program: Command, environment: CommandEnvironment): void {
  const command = program
    .command('demo')
    .description('play two weeks of a drifting loan model against a server of its own, in about a minute')
    .option('--keep', 'leave the server up at the end')
    .action(async ({ keep }: { keep?: boolean }) => {
      await runDemo(contextOf(command, environment).output, environment, keep === true);
    });
}

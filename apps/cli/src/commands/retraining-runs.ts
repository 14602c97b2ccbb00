import type { RetrainingRunReply } from '@plumbline/contracts';
import type { Command } from 'commander';
import { contextOf, type CommandEnvironment } from '../command-context.js';
import { countOption, nameOption } from '../option-parsers.js';
import { allPages } from '../pages.js';
import { table } from '../table.js';

interface RetrainingRunsOptions {
  readonly model?: string;
  readonly limit: number;
}

export function addRetrainingRunsCommand(program: Command, environment: CommandEnvironment): void {
  const command = program
    .command('retraining-runs')
    .description('list calls to retraining pipelines and what became of them')
    .option('--model <name>', 'only of this model', nameOption)
    .option('--limit <count>', 'at most this many', countOption, 200)
    .action(async ({ model, limit }: RetrainingRunsOptions) => {
      const { client, output } = contextOf(command, environment);
      const runs = await allPages<RetrainingRunReply>(client, '/v1/retraining-runs', { model }, limit);
      const rows = runs.map((run) => [
        run.run_id,
        run.model,
        run.version,
        run.policy,
        run.status,
        run.new_version,
        run.requested_at,
        run.reason,
      ]);
      const header = ['run', 'model', 'version', 'policy', 'status', 'new version', 'requested', 'reason'];
      output.result(runs, runs.length === 0 ? 'no retraining runs' : table(header, rows));
    });
}

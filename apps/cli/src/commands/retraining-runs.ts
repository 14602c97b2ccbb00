import {
  type RetrainingRunDetailReply,
  type RetrainingRunReply,
  retrainingRunStatusSchema,
} from '@plumbline/contracts';
import { type Command, Option } from 'commander';
import { contextOf, type CommandEnvironment } from '../command-context.js';
import { countOption, nameOption } from '../option-parsers.js';
import { allPages } from '../pages.js';
import { table } from '../table.js';

interface RetrainingRunsOptions {
  readonly model?: string;
  readonly status?: string;
  readonly limit: number;
}

export function addRetrainingRunsCommand(program: Command, environment: CommandEnvironment): void {
  const command = program
    .command('retraining-runs')
    .description('list calls to retraining pipelines and what became of them')
    .option('--model <name>', 'only of this model', nameOption)
    .addOption(new Option('--status <status>', 'only these').choices(retrainingRunStatusSchema.options))
    .option('--limit <count>', 'at most this many', countOption, 200)
    .action(async ({ model, status, limit }: RetrainingRunsOptions) => {
      const { client, output } = contextOf(command, environment);
      const runs = await allPages<RetrainingRunReply>(client, '/v1/retraining-runs', { model, status }, limit);
      output.result(runs, runs.length === 0 ? 'no retraining runs' : runTable(runs));
    });
  const show = command
    .command('show <run>')
    .description('show a run, all that happened to it, and how the new version compares')
    .action(async (run: string) => {
      const { client, output } = contextOf(show, environment);
      const detail = (await client.get(pathOf(run))) as RetrainingRunDetailReply;
      output.result(detail, detailText(detail));
    });
  for (const [verb, description] of [
    ['approve', 'let the pipeline of a run be called that waits for approval'],
    ['refuse', 'have nobody called for a run that waits for approval'],
  ] as const) {
    const decide = command
      .command(`${verb} <run>`)
      .description(description)
      .option('--note <text>', 'why; stands in the history of the run', '')
      .action(async (run: string, { note }: { readonly note: string }) => {
        const { client, output } = contextOf(decide, environment);
        const reply = (await client.post(`${pathOf(run)}/${verb}`, { note })) as RetrainingRunReply;
        output.result(reply, `run ${reply.run_id} is ${reply.status}`);
      });
  }
}

function pathOf(run: string): string {
  return `/v1/retraining-runs/${encodeURIComponent(run)}`;
}

function runTable(runs: readonly RetrainingRunReply[]): string {
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
  return table(['run', 'model', 'version', 'policy', 'status', 'new version', 'requested', 'reason'], rows);
}

function detailText(run: RetrainingRunDetailReply): string {
  const facts: [string, string][] = [
    ['run', run.run_id],
    ['model', `${run.model}, version ${run.version}${run.new_version === '' ? '' : ` → ${run.new_version}`}`],
    ['policy', run.policy],
    ['status', run.status],
    ['reason', run.reason],
    ['at the target', [run.external_id, run.external_url].filter(Boolean).join(' ')],
    ['comparison', run.comparison?.sentence ?? ''],
    ['predictions', run.comparison?.predictions?.sentence ?? ''],
  ];
  const history = run.history.map(({ at, from, to, who, detail }) => [at, from ?? '', to, who, detail.split('\n')[0]!]);
  return [
    ...facts.filter(([, value]) => value !== '').map(([name, value]) => `${name}: ${value}`),
    '',
    table(['when', 'from', 'to', 'who', 'what was said'], history),
  ].join('\n');
}

import { type Command } from 'commander';
import { CliError } from '../cli-error.js';
import { contextOf, type CommandContext, type CommandEnvironment } from '../command-context.js';
import { type ConfigurationDocument, nameOfDocument } from '../configuration-files/check-document.js';
import { applyChanges, type PlannedChange, planChanges } from '../configuration-files/plan-changes.js';
import { readDocuments } from '../configuration-files/read-documents.js';
import { listDeclared } from '../configuration-files/server-documents.js';
import { plainDocuments, yamlOf } from '../configuration-files/write-documents.js';
import { EXIT_CHANGES } from '../exit-code.js';
import { nameOption } from '../option-parsers.js';

interface FileOptions {
  readonly file: readonly string[];
  readonly prune?: boolean;
  readonly failOnChanges?: boolean;
}

const DONE = { create: 'created', update: 'updated', unchanged: 'unchanged', delete: 'deleted' } as const;
const SIGN = { create: '+', update: '~', unchanged: ' ', delete: '-' } as const;
const MAX_VALUE_LENGTH = 100;

/** `apply`, `plan` and `export`: what is declared, kept as files under version control. */
export function addConfigurationCommands(program: Command, environment: CommandEnvironment): void {
  const apply = withFiles(program.command('apply'))
    .description('declare what files say (models, receivers, routes, monitors, retraining policies, silences)')
    .action(async (options: FileOptions) => {
      const { client, output } = contextOf(apply, environment);
      const changes = await planned(contextOf(apply, environment), options);
      await applyChanges(client, changes);
      output.result(
        changes.map((change) => ({ ...headOf(change.document), outcome: DONE[change.outcome] })),
        changes.map(({ document, outcome }) => `${nameOfDocument(document)}: ${DONE[outcome]}`).join('\n'),
      );
    });

  const plan = withFiles(program.command('plan'))
    .description('show what apply would change')
    .option('--fail-on-changes', 'exit with 5 when something would change')
    .action(async (options: FileOptions) => {
      const { output } = contextOf(plan, environment);
      const changes = await planned(contextOf(plan, environment), options);
      output.result(
        changes.map(({ document, outcome, differences }) => ({ ...headOf(document), outcome, differences })),
        planText(changes),
      );
      if (options.failOnChanges === true && changes.some(({ outcome }) => outcome !== 'unchanged')) {
        throw new CliError('the server differs from the files', EXIT_CHANGES);
      }
    });

  const exported = program
    .command('export')
    .description('write what is declared on the server as a file that apply takes')
    .option('--model <name>', 'only of this model', nameOption)
    .action(async ({ model }: { readonly model?: string }) => {
      const { client, output } = contextOf(exported, environment);
      const documents = await listDeclared(client, model);
      output.result(plainDocuments(documents), yamlOf(documents).trimEnd());
    });
}

function withFiles(command: Command): Command {
  return command
    .requiredOption('-f, --file <path...>', 'YAML or JSON files, folders of them, or - for standard input')
    .option(
      '--prune',
      'also delete what the server has and the files do not: of their models, and of kinds they declare',
    );
}

async function planned(
  { client, environment }: CommandContext,
  { file, prune = false }: FileOptions,
): Promise<PlannedChange[]> {
  return planChanges(client, await readDocuments(file, environment.standardInput), prune);
}

function headOf({ kind, name, model }: ConfigurationDocument): object {
  return { kind, name, ...(model === undefined ? {} : { model }) };
}

function planText(changes: readonly PlannedChange[]): string {
  const shown = changes.filter(({ outcome }) => outcome !== 'unchanged');
  const unchanged = changes.length - shown.length;
  const lines = shown.flatMap(({ document, outcome, differences }) => [
    `${SIGN[outcome]} ${outcome} ${nameOfDocument(document)}`,
    ...differences.map(({ field, before, after }) => `    ${field}: ${valueText(before)} → ${valueText(after)}`),
  ]);
  const total = shown.length === 0 ? 'nothing to change' : `${shown.length} to change`;
  return [...lines, `${total}, ${unchanged} unchanged`].join('\n');
}

function valueText(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length <= MAX_VALUE_LENGTH ? text : `${text.slice(0, MAX_VALUE_LENGTH)}…`;
}

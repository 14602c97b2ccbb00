import type { ColumnMapping, Task } from '@plumbline/contracts';
import { Option, type Command } from 'commander';
import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { CliError, UsageError } from '../cli-error.js';
import { contextOf, type CommandContext, type CommandEnvironment } from '../command-context.js';
import { EXIT_FAILURE } from '../exit-code.js';
import { fileFormatOf } from '../import/file-format.js';
import { batchesOf, sendFile, type ImportRequest } from '../import/import-file.js';
import type { ImportKind } from '../import/import-plan.js';
import { RejectionLog, type RejectionGroup } from '../import/rejection-log.js';
import { findKnownModel } from '../known-model.js';
import { listOption, nameOption } from '../option-parsers.js';
import { ProgressBar } from '../progress-bar.js';

interface ImportOptions {
  readonly model?: string;
  readonly version?: string;
  readonly task?: Task;
  readonly format?: string;
  readonly predictionId?: string;
  readonly idPrefix?: string;
  readonly timestamp?: string;
  readonly prediction?: string;
  readonly score?: string;
  readonly label?: string;
  readonly features?: readonly string[];
  readonly ignore?: readonly string[];
  readonly errors?: string;
  readonly allowRejected?: boolean;
  readonly dryRun?: boolean;
}

interface ImportReport {
  readonly file: string;
  readonly kind: ImportKind;
  readonly dry_run: boolean;
  readonly events: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly seconds: number;
  readonly rows_per_second: number;
  /** Processor time of this process: reading, encoding, sending. With --dry-run reading and encoding only. */
  readonly client_cpu_us_per_row: number;
  readonly rejections: readonly RejectionGroup[];
}

export function addImportCommands(program: Command, environment: CommandEnvironment): void {
  const group = program.command('import').description('send the rows of a Parquet, CSV or NDJSON file');
  for (const kind of ['predictions', 'labels'] as const) {
    const command = group
      .command(`${kind} <file>`)
      .description(
        kind === 'predictions'
          ? 'send predictions; columns named by no option are features'
          : 'send labels; rows with an empty label are skipped',
      )
      .option('--model <name>', 'model the rows belong to', nameOption)
      .option('--format <format>', 'parquet, csv or ndjson, when the name of the file does not tell')
      .option('--prediction-id <column>', 'column with the id; <id-prefix>-<row> when absent')
      .option('--id-prefix <text>', 'prefix of ids made from row numbers; a hash of the file when absent')
      .option('--timestamp <column>', 'column with the time: ISO 8601 (UTC without a zone) or milliseconds')
      .option('--label <column>', kind === 'labels' ? 'column with the truth' : 'column with the truth: no feature')
      .option('--ignore <columns>', 'columns to leave out, separated by commas', listOption)
      .addOption(
        new Option('--task <task>', 'of a model the server does not know').choices([
          'binary',
          'multiclass',
          'regression',
        ]),
      )
      .option('--errors <file>', 'write each rejected row as a line of JSON')
      .option('--allow-rejected', 'exit with 0 although rows were rejected')
      .option('--dry-run', 'read and encode, send nothing');
    if (kind === 'predictions') {
      command
        .option('--version <name>', 'version of the model', nameOption)
        .option('--prediction <column>', 'column with the predicted class or value')
        .option('--score <column>', 'column with the probability of the positive class')
        .option('--features <columns>', 'columns that are features, separated by commas', listOption);
    }
    command.action(async (file: string, options: ImportOptions) => {
      await runImport(contextOf(command, environment), kind, file, options);
    });
  }
}

async function runImport(
  context: CommandContext,
  kind: ImportKind,
  file: string,
  options: ImportOptions,
): Promise<void> {
  const { client, output } = context;
  const request = requestOf(kind, file, options);
  if (!(await stat(file).catch(() => undefined))?.isFile()) throw new UsageError(`cannot read ${file}: no such file`);
  if (kind === 'predictions' && request.model !== undefined && request.mapping.timestamp === undefined) {
    output.note('no --timestamp column: the rows get the time of their arrival, and importing again adds them again');
  }
  const known = options.dryRun || request.model === undefined ? undefined : await findKnownModel(client, request.model);
  const errorsFile = options.errors === undefined ? undefined : createWriteStream(options.errors);
  const log = new RejectionLog(errorsFile);
  const steps = await batchesOf(request, known ?? { task: undefined, kinds: new Map() }, (fault) => log.add(fault));

  const startedAtMs = context.environment.now();
  const cpuBefore = process.cpuUsage();
  const bar = new ProgressBar(output, `${kind} {bar} {percentage}% | {rows} rows | {rate}/s | ETA {eta_formatted}`, {
    rows: 0,
    rate: 0,
  });
  let accepted = 0;
  let events = 0;
  let furthest = 0;
  const count = (added: number, progress: number): void => {
    accepted += added;
    furthest = Math.max(furthest, progress);
    const seconds = (context.environment.now() - startedAtMs) / 1000;
    bar.update(furthest, { rows: accepted, rate: Math.round(accepted / Math.max(seconds, 0.001)) });
  };
  try {
    if (options.dryRun) {
      for await (const { batch, progress } of steps) {
        events += batch.rows.length;
        count(0, progress);
      }
    } else {
      await sendFile(client, kind, steps, {
        accepted: count,
        rejected: (faults, unlisted) => {
          for (const fault of faults) log.add(fault);
          log.addUnlisted(unlisted);
        },
      });
    }
  } finally {
    bar.stop();
    errorsFile?.end();
  }
  if (errorsFile) await finished(errorsFile);

  const cpu = process.cpuUsage(cpuBefore);
  const seconds = (context.environment.now() - startedAtMs) / 1000;
  const rows = options.dryRun ? events : accepted + log.count;
  const report: ImportReport = {
    file,
    kind,
    dry_run: options.dryRun === true,
    events: rows,
    accepted,
    rejected: log.count,
    seconds,
    rows_per_second: Math.round(rows / Math.max(seconds, 0.001)),
    client_cpu_us_per_row: Number(((cpu.user + cpu.system) / Math.max(rows, 1)).toFixed(2)),
    rejections: log.groups,
  };
  output.result(report, reportText(report, options.errors));
  if (log.count > 0 && options.allowRejected !== true) {
    throw new CliError(
      `${log.count} rows were rejected (--allow-rejected makes this no failure${options.errors === undefined ? ', --errors FILE lists them' : ''})`,
      EXIT_FAILURE,
    );
  }
}

function requestOf(kind: ImportKind, file: string, options: ImportOptions): ImportRequest {
  const mapping: ColumnMapping = {
    ignore: [...(options.ignore ?? [])],
    ...(options.features === undefined ? {} : { features: [...options.features] }),
    ...(options.predictionId === undefined ? {} : { prediction_id: options.predictionId }),
    ...(options.timestamp === undefined ? {} : { timestamp: options.timestamp }),
    ...(options.prediction === undefined ? {} : { prediction: options.prediction }),
    ...(options.score === undefined ? {} : { score: options.score }),
    ...(options.label === undefined ? {} : { label: options.label }),
  };
  return {
    kind,
    path: file,
    format: fileFormatOf(file, options.format),
    model: options.model,
    version: options.version,
    task: options.task,
    mapping,
    idPrefix: options.idPrefix,
  };
}

function reportText(report: ImportReport, errorsFile: string | undefined): string {
  const speed = `${report.seconds.toFixed(1)} s, ${report.rows_per_second} rows/s, ${report.client_cpu_us_per_row} µs of client CPU a row`;
  const head = report.dry_run
    ? `${report.events} ${report.kind} read from ${report.file}, none sent (${speed})`
    : `${report.accepted} ${report.kind} accepted from ${report.file}, ${report.rejected} rejected (${speed})`;
  const groups = report.rejections.map((group) => {
    const rows = `row ${group.rows.join(', ')}${group.count > group.rows.length ? ', …' : ''}`;
    return `  ${group.count} × ${group.reason}${group.field === '' ? '' : ` in ${group.field}`} (${rows}): ${group.message}`;
  });
  const where = report.rejected > 0 && errorsFile !== undefined ? [`  all of them: ${errorsFile}`] : [];
  return [head, ...groups, ...where].join('\n');
}

import {
  columnMappingSchema,
  DEFAULT_VERSION,
  type ColumnMapping,
  type ReferenceHeadReply,
  type ReferenceSummary,
} from '@plumbline/contracts';
import type { Command } from 'commander';
import { openAsBlob } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { parse } from 'yaml';
import { UsageError } from '../cli-error.js';
import { contextOf, type CommandEnvironment } from '../command-context.js';
import { CONTENT_TYPE_OF_FORMAT, fileFormatOf } from '../import/file-format.js';
import { countOption, instantOption, nameOption, pairsOption } from '../option-parsers.js';
import { table } from '../table.js';

interface ReferenceOptions {
  readonly model: string;
  readonly version: string;
}
interface UploadOptions extends ReferenceOptions {
  readonly map?: Readonly<Record<string, string>>;
  readonly mappingFile?: string;
  readonly format?: string;
}
interface RangeOptions extends ReferenceOptions {
  readonly from: string;
  readonly to: string;
}

export function addReferenceCommands(program: Command, environment: CommandEnvironment): void {
  const group = program.command('reference').description('say what is normal for a version of a model');

  const upload = group
    .command('upload <file>')
    .description('make a reference of a Parquet, CSV or NDJSON file')
    .requiredOption('--model <name>', 'model it belongs to', nameOption)
    .option('--version <name>', 'version it belongs to', nameOption, DEFAULT_VERSION)
    .option(
      '--map <role=column>',
      'what a column is: prediction_id, timestamp, prediction, score, label, or features and ignore with commas; repeated',
      pairsOption,
    )
    .option('--mapping-file <file>', 'the same in YAML or JSON')
    .option('--format <format>', 'parquet, csv or ndjson, when the name of the file does not tell')
    .action(async (path: string, options: UploadOptions) => {
      const { client, output } = contextOf(upload, environment);
      const contentType = CONTENT_TYPE_OF_FORMAT[fileFormatOf(path, options.format)];
      const mapping = await mappingOf(options);
      // Of a file that is not there openAsBlob throws at once, and does not say why.
      if (!(await stat(path).catch(() => undefined))?.isFile())
        throw new UsageError(`cannot read ${path}: no such file`);
      const file = await openAsBlob(path);
      const reply = await client.request(
        'POST',
        `${referencePath(options)}?mapping=${encodeURIComponent(JSON.stringify(mapping))}`,
        { contentType, content: file },
      );
      output.result(reply.body, summaryText(reply.body as ReferenceSummary));
    });

  const fromRange = group
    .command('from-range')
    .description('make a reference of past predictions')
    .requiredOption('--model <name>', 'model it belongs to', nameOption)
    .option('--version <name>', 'version it belongs to', nameOption, DEFAULT_VERSION)
    .requiredOption('--from <instant>', 'first instant: ISO 8601, now, or 7d for so long ago', instantOption)
    .requiredOption('--to <instant>', 'instant after the last', instantOption)
    .action(async (options: RangeOptions) => {
      const { client, output } = contextOf(fromRange, environment);
      const reply = await client.post(referencePath(options), { from: options.from, to: options.to });
      output.result(reply, summaryText(reply as ReferenceSummary));
    });

  const list = group
    .command('list')
    .description('list the stored references of a model, the newest first')
    .requiredOption('--model <name>', 'of this model', nameOption)
    .option('--limit <count>', 'at most this many', countOption, 100)
    .action(async ({ model, limit }: { readonly model: string; readonly limit: number }) => {
      const { client, output } = contextOf(list, environment);
      const { items } = (await client.get(`/v1/models/${model}/references?limit=${Math.min(500, limit)}`)) as {
        readonly items: readonly ReferenceHeadReply[];
      };
      output.result(items, items.length === 0 ? noReferences(model) : headTable(items));
    });

  const show = group
    .command('show <id>')
    .description('show the reference that a measurement names, one that moves too')
    .requiredOption('--model <name>', 'of this model', nameOption)
    .action(async (id: string, { model }: { readonly model: string }) => {
      const { client, output } = contextOf(show, environment);
      const reply = (await client.get(`/v1/models/${model}/references/${encodeURIComponent(id)}`)) as ReferenceSummary;
      output.result(reply, summaryText(reply));
    });
}

function noReferences(model: string): string {
  return `model "${model}" has no reference: upload one (plumbline reference upload), or declare reference.kind, as in rolling`;
}

function headTable(references: readonly ReferenceHeadReply[]): string {
  return table(
    ['created', 'id', 'kind', 'version', 'rows', 'source'],
    references.map((each) => [
      each.created_at,
      each.reference_id,
      each.kind,
      each.version,
      String(each.rows),
      each.source,
    ]),
  );
}

function referencePath({ model, version }: ReferenceOptions): string {
  return `/v1/models/${model}/versions/${version}/reference`;
}

async function mappingOf(options: UploadOptions): Promise<ColumnMapping> {
  const fromFile: unknown = options.mappingFile === undefined ? {} : parse(await readFile(options.mappingFile, 'utf8'));
  const fromOptions: Record<string, string | string[]> = {};
  for (const [role, column] of Object.entries(options.map ?? {})) {
    fromOptions[role] = role === 'features' || role === 'ignore' ? column.split(',') : column;
  }
  const parsed = columnMappingSchema.safeParse({ ...(fromFile as object), ...fromOptions });
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new UsageError(`the column mapping is wrong (${options.mappingFile ?? '--map'}): ${faults.join('; ')}`);
}

function summaryText(reference: ReferenceSummary): string {
  const performance = Object.entries(reference.performance).map(
    ([metric, value]) => `${metric} ${value.toPrecision(4)}`,
  );
  return [
    `reference ${reference.reference_id} of ${reference.model} version ${reference.version}: ${reference.rows} rows`,
    `${reference.kind}: ${reference.source}`,
    ...(performance.length === 0 ? [] : [`baseline: ${performance.join(', ')}`]),
    table(
      ['series', 'kind', 'rows', 'missing', 'bins'],
      reference.series.map((series) => [
        series.name,
        series.kind,
        String(series.rows),
        String(series.missing),
        String(series.bins),
      ]),
    ),
  ].join('\n');
}

import type { ColumnMapping, FeatureKind, FileFormat, Task } from '@plumbline/contracts';
import type { ApiClient } from '../api-client.js';
import { UsageError } from '../cli-error.js';
import { BATCH_LIMITS } from './batch.js';
import type { RowFault } from './column-block.js';
import { contentPrefix } from './content-prefix.js';
import { columnsToRead, featureColumnsOf, type ImportKind, type ImportPlan } from './import-plan.js';
import { mappedBatches, type BatchStep } from './mapped-batches.js';
import { openCsv } from './read-csv.js';
import { readNdjson } from './read-ndjson.js';
import { openParquet } from './read-parquet.js';
import { SEND_DEFAULTS, sendBatches, type SendListener } from './send-batches.js';
import { wireBatches } from './wire-batches.js';

export interface ImportRequest {
  readonly kind: ImportKind;
  readonly path: string;
  readonly format: FileFormat;
  readonly model: string | undefined;
  readonly version: string | undefined;
  readonly task: Task | undefined;
  readonly mapping: ColumnMapping;
  readonly idPrefix: string | undefined;
}

/** What the server knows of the model already. */
export interface KnownModel {
  readonly task: Task | undefined;
  readonly kinds: ReadonlyMap<string, FeatureKind>;
}

/**
 * Returns the batches of a file, read as they are taken. NDJSON without a mapping is in wire form and goes out as it is.
 * @throws UsageError when the mapping does not fit the file
 */
export async function batchesOf(
  request: ImportRequest,
  known: KnownModel,
  onFault: (fault: RowFault) => void,
): Promise<AsyncIterable<BatchStep>> {
  const { path, format, mapping } = request;
  if (format === 'ndjson' && !isMapped(mapping)) return wireBatches(path, BATCH_LIMITS);
  const plan = await planOf(request, known);
  switch (format) {
    case 'parquet': {
      const file = await openParquet(path);
      const features = featureColumnsOf(mapping, file.columns, path);
      const blocks = file.read(columnsToRead(plan, features));
      return mappedBatches(plan, blocks, () => features, BATCH_LIMITS, onFault);
    }
    case 'csv': {
      const file = await openCsv(path);
      const features = featureColumnsOf(mapping, file.columns, path);
      const blocks = file.read(textColumns(known.kinds, mapping));
      return mappedBatches(plan, blocks, () => features, BATCH_LIMITS, onFault);
    }
    case 'ndjson': {
      let first = true;
      const featuresOf = (columns: readonly string[]): readonly string[] => {
        // Objects may lack a name that others have; only a name that the first block has nowhere is a mistake.
        if (!first) return featureColumnsOf(mapping, [...columns, ...mappedNames(mapping)], path);
        first = false;
        return featureColumnsOf(mapping, columns, path);
      };
      return mappedBatches(
        plan,
        readNdjson(path),
        (block) => featuresOf([...block.columns.keys()]).filter((name) => block.columns.has(name)),
        BATCH_LIMITS,
        onFault,
      );
    }
  }
}

/** Sends the batches, as `sendBatches` does with the import's own settings. */
export async function sendFile(
  client: ApiClient,
  kind: ImportKind,
  steps: AsyncIterable<BatchStep>,
  listener: SendListener,
): Promise<void> {
  await sendBatches(client, steps, { kind, ...SEND_DEFAULTS }, listener);
}

function isMapped(mapping: ColumnMapping): boolean {
  return mappedNames(mapping).length > 0 || mapping.ignore.length > 0;
}

function mappedNames(mapping: ColumnMapping): readonly string[] {
  const { features = [], prediction_id, timestamp, prediction, score, label } = mapping;
  return [...features, prediction_id, timestamp, prediction, score, label].filter((name) => name !== undefined);
}

async function planOf(request: ImportRequest, known: KnownModel): Promise<ImportPlan> {
  const { kind, path, model, version, mapping } = request;
  if (model === undefined) throw new UsageError('--model is needed: rows of a mapped file name none themselves');
  if (kind === 'labels' && mapping.label === undefined)
    throw new UsageError('--label COLUMN is needed to import labels');
  const task = request.task ?? known.task;
  return {
    kind,
    model,
    version,
    answer: task === 'regression' ? 'value' : 'label',
    mapping,
    idPrefix: request.idPrefix ?? (mapping.prediction_id === undefined ? await contentPrefix(path) : ''),
  };
}

/** Kinds of a CSV's columns: declared ones of features, and ids as they stand ("007" is no number). */
function textColumns(
  kinds: ReadonlyMap<string, FeatureKind>,
  mapping: ColumnMapping,
): ReadonlyMap<string, FeatureKind> {
  const texts = [mapping.prediction_id, mapping.timestamp].filter((name) => name !== undefined);
  return new Map([...kinds, ...texts.map((name) => [name, 'categorical'] as const)]);
}

import { fileFormatSchema, type FileFormat } from '@plumbline/contracts';
import { extname } from 'node:path';
import { UsageError } from '../cli-error.js';

const FORMAT_OF_EXTENSION: Readonly<Record<string, FileFormat>> = {
  '.parquet': 'parquet',
  '.pq': 'parquet',
  '.csv': 'csv',
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
};

export const CONTENT_TYPE_OF_FORMAT: Readonly<Record<FileFormat, string>> = {
  parquet: 'application/vnd.apache.parquet',
  csv: 'text/csv',
  ndjson: 'application/x-ndjson',
};

/**
 * Returns the format that --format names, else that of the file's extension.
 * @throws UsageError when neither tells
 */
export function fileFormatOf(path: string, declared: string | undefined): FileFormat {
  if (declared !== undefined) {
    const parsed = fileFormatSchema.safeParse(declared);
    if (parsed.success) return parsed.data;
    throw new UsageError(`--format ${declared} is unknown: use ${fileFormatSchema.options.join(', ')}`);
  }
  const format = FORMAT_OF_EXTENSION[extname(path).toLowerCase()];
  if (format !== undefined) return format;
  throw new UsageError(`cannot tell the format of ${path} by its name: add --format parquet, csv or ndjson`);
}

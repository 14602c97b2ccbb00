import type { FileFormat } from '@plumbline/contracts';

/** The engine's names of the file formats we take. */
export const ENGINE_FORMATS: Readonly<Record<FileFormat, string>> = {
  parquet: 'Parquet',
  csv: 'CSVWithNames',
  ndjson: 'JSONEachRow',
};

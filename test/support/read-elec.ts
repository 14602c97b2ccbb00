import { readFileSync } from 'node:fs';
import { sharedPath } from './shared-data.js';

/** Columns of the electricity market data, 45 312 half hours in order of time. */
export function readElec(): ReadonlyMap<string, Float64Array> {
  const [header, ...lines] = readFileSync(sharedPath('data/elec/elec.csv'), 'utf8').trim().split(/\r?\n/);
  const rows = lines.map((line) => line.split(','));
  return new Map(header!.split(',').map((name, i) => [name, Float64Array.from(rows, (row) => Number(row[i]))]));
}

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CellColumns } from '@plumbline/contracts';
import { type Cells, cellsInParts } from '@plumbline/monitoring';
import { insertCells, type Store } from '@plumbline/storage';
import type { KnownModel, ModelRegistry } from './model-registry.js';

/** Cells held in memory before they are written, about. */
const MAX_CELLS = 100_000;

const noCheck = (): void => undefined;

/** Predictions to count, with what is known of their model. */
export interface CountedColumns {
  readonly known: KnownModel;
  readonly columns: CellColumns;
}

/**
 * Counts predictions into cells and adds these to those stored, some at a time: an import of sparse history has a cell for every value.
 * @param identity of exactly these predictions
 * @param check is called right before anything is written; what it throws is thrown
 */
export async function writeCells(
  store: Store,
  registry: ModelRegistry,
  counted: readonly CountedColumns[],
  identity: string,
  check: () => void = noCheck,
): Promise<void> {
  let held: Cells[] = [];
  let cells = 0;
  let piece = 0;
  const write = async (): Promise<void> => {
    const features = held.flatMap((each) => each.features);
    const traffic = held.flatMap((each) => each.traffic);
    held = [];
    cells = 0;
    check();
    await insertCells(store, features, traffic, `${identity}:${piece++}`);
  };
  for (const { known, columns } of counted) {
    const binSets = await registry.binSets(known, columns.version);
    for (const part of cellsInParts(columns, binSets, MAX_CELLS)) {
      held.push(part);
      cells += part.features.length;
      if (cells >= MAX_CELLS) await write();
      await nextTurn();
    }
  }
  if (held.length > 0) await write();
}

import {
  type ArrayRecord,
  eventOfRow,
  joinColumns,
  type PredictionColumns,
  PredictionColumnsBuilder,
  type PredictionColumnsRecord,
  type PredictionEvent,
  recordKey,
  type RefusedRecord,
  selectRows,
  type SinglePredictionRecord,
  timeFault,
} from '@plumbline/contracts';
import type { DeadLetter, ModelKey } from '@plumbline/storage';
import type { StreamRecord } from '@plumbline/stream';
import { IncomingEvents, type IncomingOptions, positionOf, type RefusedEvent } from './incoming-events.js';

type Single = SinglePredictionRecord;
type PredictionEventRecord =
  Single | PredictionColumnsRecord | RefusedRecord | ArrayRecord<Single | PredictionColumnsRecord | RefusedRecord>;

/** Columns with the place where they lie. */
interface PlacedColumns {
  readonly columns: PredictionColumns;
  readonly offset: string;
  /** Index of each row in its message. */
  readonly rows: readonly number[];
}

/** Rows handled at a time: enough to spare the engine tiny inserts and cells, few enough for the event loop. */
const JOINED_ROWS = 20_000;

/** Sorts prediction records of one partition into columns to store and dead letters. */
export class IncomingPredictions {
  private readonly singles: IncomingEvents<PredictionEvent, Single>;
  private readonly refused: DeadLetter[] = [];
  private placed: PlacedColumns[] = [];

  constructor(private readonly options: IncomingOptions<Single>) {
    this.singles = new IncomingEvents(options);
  }

  add({ value, offset, key }: StreamRecord<PredictionEventRecord>): void {
    if (value.type === 'columns') this.place(value.columns, offset, 0);
    else if (value.type === 'array') {
      let first = 0;
      for (const record of value.records) {
        if (record.type === 'columns') {
          this.place(record.columns, offset, first);
          first += record.columns.rows;
        } else this.singles.place(record, offset, first++);
      }
    } else this.singles.add({ value, offset, key });
  }

  /** Predictions that may be stored, few large columns rather than many small ones. */
  get columns(): readonly PredictionColumns[] {
    const builder = new PredictionColumnsBuilder({ maxRows: JOINED_ROWS, maxBytes: Infinity });
    for (const event of this.singles.events) builder.add(event, 0);
    const all = [...this.placed, ...builder.take()].map(({ columns }) => columns);
    return joinColumns(all, JOINED_ROWS);
  }

  get letters(): readonly DeadLetter[] {
    return [...this.singles.letters, ...this.refused];
  }

  /** All that came: predictions and dead letters. */
  get count(): number {
    return this.singles.count + this.refused.length + this.placed.reduce((sum, { rows }) => sum + rows.length, 0);
  }

  /** Models of the predictions by key. */
  get models(): ReadonlyMap<string, ModelKey> {
    const models = new Map(this.singles.models);
    for (const { columns } of this.placed) {
      const { project, model } = columns;
      models.set(recordKey(project, model), { project, model });
    }
    return models;
  }

  /** Makes dead letters of the predictions of these models. */
  refuseModels(keys: ReadonlySet<string>): void {
    this.singles.refuseModels(keys);
    this.placed = this.placed.filter((item) => {
      const { project, model } = item.columns;
      if (!keys.has(recordKey(project, model))) return true;
      const detail = `model "${model}" is not registered: PUT /v1/models/${model}, then replay`;
      item.rows.forEach((_index, row) => this.refused.push(this.letter(item, row, 'unknown_model', detail)));
      return false;
    });
  }

  /** Dead letters of predictions that the engine does not take, found by their ids. */
  lettersOf(refused: readonly RefusedEvent[]): DeadLetter[] {
    const letters = this.singles.lettersOf(refused);
    const missing = new Map(refused.map(({ event, detail }) => [idOf(event, event.predictionId), detail]));
    for (const { project, model, predictionId } of letters) missing.delete(idOf({ project, model }, predictionId));
    for (const item of this.placed) {
      if (missing.size === 0) break;
      item.columns.predictionIds.forEach((predictionId, row) => {
        const id = idOf(item.columns, predictionId);
        const detail = missing.get(id);
        if (detail === undefined) return;
        // A prediction that lies here twice was tried once, the first of it.
        missing.delete(id);
        letters.push(this.letter(item, row, 'rejected_by_engine', detail));
      });
    }
    return letters;
  }

  private place(columns: PredictionColumns, offset: string, first: number): void {
    const { timestampsMs, receivedAtMs } = columns;
    const item = { columns, offset, rows: Array.from({ length: columns.rows }, (_, row) => first + row) };
    const kept: number[] = [];
    for (let row = 0; row < columns.rows; row++) {
      const fault = timeFault(timestampsMs[row]!, 'timestamp', this.options.range(receivedAtMs[row]!));
      if (fault === undefined) kept.push(row);
      else this.refused.push(this.letter(item, row, fault.reason, `timestamp ${fault.message}`));
    }
    if (kept.length === columns.rows) this.placed.push(item);
    else if (kept.length > 0) {
      this.placed.push({ columns: selectRows(columns, kept), offset, rows: kept.map((row) => first + row) });
    }
  }

  private letter({ columns, offset, rows }: PlacedColumns, row: number, reason: string, detail: string): DeadLetter {
    const { kind, partition, encode } = this.options;
    const event = eventOfRow(columns, row);
    const { project, model, predictionId, receivedAtMs } = event;
    const position = positionOf(partition, offset, rows[row]);
    return {
      ...{ kind, project, model, predictionId, position, stage: 'store' },
      ...{ reason, detail, message: encode({ type: 'prediction', event }), receivedAtMs },
    };
  }
}

function idOf({ project, model }: ModelKey, predictionId: string): string {
  return `${project}/${model}/${predictionId}`;
}

import type { PredictionEvent } from '../event.schema.js';
import type { PredictionColumns } from '../prediction-columns.js';
import { eventOfRow } from './columns-rows.js';
import { OpenFeatures } from './open-features.js';
import { PLAIN_NUMBER, type PlainFeatures } from './plain-features.js';

/** A batch is closed when its lists would hold this many times more entries than values: events may share no feature at all. */
const LARGEST_EMPTINESS = 8;
/** Entries below which emptiness does not matter. */
const SMALL_BATCH_ENTRIES = 65_536;
/** Of `null` and its comma. */
const NULL_BYTES = 5;

type Optional = { -readonly [K in keyof PredictionColumns]?: PredictionColumns[K] };

/** The optional column of each optional member of an event. */
const COLUMN_OF = {
  label: 'labels',
  value: 'values',
  score: 'scores',
  scores: 'classScores',
  latencyMs: 'latenciesMs',
  error: 'errors',
  tags: 'tags',
  entityHash: 'entityHashes',
  traceId: 'traceIds',
  sampleRate: 'sampleRates',
} as const satisfies Partial<Record<keyof PredictionEvent, keyof PredictionColumns>>;
const MEMBERS = Object.keys(COLUMN_OF) as (keyof typeof COLUMN_OF)[];

/** Columns, and about what they take as text. */
export interface SizedColumns {
  readonly columns: PredictionColumns;
  readonly sizeBytes: number;
}

export interface ColumnsLimits {
  readonly maxRows: number;
  /** Columns are closed before what they take exceeds this; a single event may. */
  readonly maxBytes: number;
}

/** Columns of one model and version under construction. */
class OpenColumns {
  /** What each event took as text. */
  readonly rowsBytes: number[] = [];
  readonly predictionIds: string[] = [];
  readonly timestampsMs: number[] = [];
  readonly receivedAtMs: number[] = [];
  private readonly features = new OpenFeatures();
  private readonly optional = new Map<keyof typeof COLUMN_OF, unknown[]>();
  /** Of scores and of tags: each name is a list in a message. */
  private readonly scoreNames = new Set<string>();
  private readonly tagNames = new Set<string>();
  private values = 0;
  private eventsBytes = 0;

  get rows(): number {
    return this.predictionIds.length;
  }

  /** @param plain the features of the event, when it has them apart */
  add(event: PredictionEvent, sizeBytes: number, plain?: PlainFeatures): void {
    const row = this.rows;
    if (plain === undefined) this.addFeatures(event.features, row);
    else this.addPlain(plain, row);
    this.rowsBytes.push(sizeBytes);
    this.eventsBytes += sizeBytes;
    this.predictionIds.push(event.predictionId);
    this.timestampsMs.push(event.timestampMs);
    this.receivedAtMs.push(event.receivedAtMs);
    for (const name in event.scores) {
      this.scoreNames.add(name);
      this.values++;
    }
    for (const name in event.tags) {
      this.tagNames.add(name);
      this.values++;
    }
    for (const member of MEMBERS) {
      const value = event[member];
      if (value === undefined) continue;
      let list = this.optional.get(member);
      if (list === undefined) this.optional.set(member, (list = []));
      while (list.length < row) list.push(null);
      list.push(value);
    }
  }

  private addFeatures(features: PredictionEvent['features'], row: number): void {
    let position = 0;
    for (const name in features) this.features.add(name, features[name]!, row, position++);
    this.values += position;
  }

  private addPlain({ names, length, kinds, numbers, others }: PlainFeatures, row: number): void {
    for (let position = 0; position < length; position++) {
      const name = names[position]!;
      if (kinds[position] === PLAIN_NUMBER) this.features.addNumber(name, numbers[position]!, row, position);
      else this.features.addOther(name, others[position]!, row, position);
    }
    this.values += length;
  }

  /** About what the columns take as text: what the events took, and a null wherever an event lacks what another has. */
  get sizeBytes(): number {
    return this.eventsBytes + NULL_BYTES * Math.max(0, this.entries - this.values);
  }

  private get entries(): number {
    return this.rows * (this.features.size + this.scoreNames.size + this.tagNames.size);
  }

  /** Whether most of what the lists hold would be emptiness. */
  isTooSparse(): boolean {
    const { entries } = this;
    return entries > SMALL_BATCH_ENTRIES && entries > LARGEST_EMPTINESS * this.values;
  }

  close(project: string, model: string, version: string): PredictionColumns {
    const { rows, predictionIds, timestampsMs, receivedAtMs } = this;
    const features = this.features.close(rows);
    for (const list of this.optional.values()) while (list.length < rows) list.push(null);
    const optional: Optional = {};
    // A list holds just what the events' member of that name held, so each fits its column.
    for (const [member, list] of this.optional) optional[COLUMN_OF[member]] = list as never;
    return { project, model, version, rows, predictionIds, timestampsMs, receivedAtMs, features, ...optional };
  }
}

type Named = Pick<PredictionEvent, 'project' | 'model' | 'version'>;

interface Group {
  /** The first of it: names project, model and version. */
  readonly event: PredictionEvent;
  columns: OpenColumns;
}

/** Gathers events into columns, apart by project, model and version. The order of the rows of one model and version is kept. */
export class PredictionColumnsBuilder {
  private readonly closed: SizedColumns[] = [];
  private readonly open = new Map<string, Group>();
  private last: Group | undefined;

  constructor(private readonly limits: ColumnsLimits) {}

  /**
   * @param sizeBytes of the event as text
   * @param plain the features of the event, when it has them apart
   */
  add(event: PredictionEvent, sizeBytes: number, plain?: PlainFeatures): void {
    const group = this.groupOf(event);
    const { maxRows, maxBytes } = this.limits;
    if (group.columns.rows > 0 && group.columns.sizeBytes + sizeBytes > maxBytes) this.renew(group);
    const { columns } = group;
    columns.add(event, sizeBytes, plain);
    if (columns.rows >= maxRows || columns.sizeBytes >= maxBytes || columns.isTooSparse()) this.renew(group);
  }

  /** What was added, and starts again. */
  take(): SizedColumns[] {
    for (const { event, columns } of this.open.values()) if (columns.rows > 0) this.close(event, columns);
    this.open.clear();
    this.last = undefined;
    return this.closed.splice(0);
  }

  private renew(group: Group): void {
    this.close(group.event, group.columns);
    group.columns = new OpenColumns();
  }

  /** An event may name features that none before it has, each of which is then missing in all the others: such columns are halved. */
  private close({ project, model, version }: Named, columns: OpenColumns): void {
    const closed = columns.close(project, model, version);
    const { rows, sizeBytes, rowsBytes } = columns;
    if (rows === 1 || sizeBytes <= this.limits.maxBytes) {
      this.closed.push({ columns: closed, sizeBytes });
      return;
    }
    const middle = rows >> 1;
    for (const [from, to] of [
      [0, middle],
      [middle, rows],
    ] as const) {
      const half = new OpenColumns();
      for (let row = from; row < to; row++) half.add(eventOfRow(closed, row), rowsBytes[row]!);
      this.close(closed, half);
    }
  }

  private groupOf(event: PredictionEvent): Group {
    const { last } = this;
    if (
      last !== undefined &&
      last.event.model === event.model &&
      last.event.version === event.version &&
      last.event.project === event.project
    ) {
      return last;
    }
    const key = `${event.project}/${event.model}/${event.version}`;
    let group = this.open.get(key);
    if (group === undefined) this.open.set(key, (group = { event, columns: new OpenColumns() }));
    this.last = group;
    return group;
  }
}

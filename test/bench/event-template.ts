/** Features of an event: 80 % numbers, the rest categories. */
export function featureNames(features: number): { readonly numeric: string[]; readonly categorical: string[] } {
  const names = Array.from({ length: features }, (_, index) => `feature_${String(index).padStart(3, '0')}`);
  const numbers = Math.round(features * 0.8);
  return { numeric: names.slice(0, numbers), categorical: names.slice(numbers) };
}

/** The same seed gives the same numbers in [0, 1). */
export function uniformNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export type WireForm = 'ndjson' | 'columns';

const ID_DIGITS = 12;
const TIME_DIGITS = 13;
const ID_MARK = 'i'.repeat(ID_DIGITS);
const TIME_MARK = '8'.repeat(TIME_DIGITS);

/**
 * A request of many events whose ids and times are overwritten in place for each use: making JSON anew would cost the sender as much
 * as reading it costs the server.
 */
export class EventTemplate {
  private readonly ids: number[] = [];
  private readonly times: number[] = [];
  readonly bytes: Buffer;

  constructor(
    readonly form: WireForm,
    readonly rows: number,
    features: number,
    seed: number,
    model: string,
  ) {
    const uniform = uniformNumbers(seed);
    const normal = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
    const { numeric, categorical } = featureNames(features);
    const number = (): number => Number(normal().toFixed(6));
    const category = (): string => `category-${Math.floor(uniform() * uniform() * 24)}`;
    const score = (): number => Number(uniform().toFixed(6));
    const list = <T>(make: () => T): T[] => Array.from({ length: rows }, make);
    const text =
      form === 'columns'
        ? JSON.stringify({
            model,
            version: '1',
            prediction_id: list((): string => ID_MARK),
            timestamp: list(() => Number(TIME_MARK)),
            features: Object.fromEntries([
              ...numeric.map((name): [string, unknown] => [name, list(number)]),
              ...categorical.map((name): [string, unknown] => [name, list(category)]),
            ]),
            prediction: { label: list(() => (uniform() < 0.5 ? 0 : 1)), score: list(score) },
          })
        : list(() =>
            JSON.stringify({
              model,
              version: '1',
              prediction_id: ID_MARK,
              timestamp: Number(TIME_MARK),
              features: Object.fromEntries([
                ...numeric.map((name): [string, unknown] => [name, number()]),
                ...categorical.map((name): [string, unknown] => [name, category()]),
              ]),
              prediction: { label: uniform() < 0.5 ? 0 : 1, score: score() },
            }),
          ).join('\n');
    this.bytes = Buffer.from(text);
    for (let at = this.bytes.indexOf(ID_MARK); at !== -1; at = this.bytes.indexOf(ID_MARK, at + 1)) this.ids.push(at);
    for (let at = this.bytes.indexOf(TIME_MARK); at !== -1; at = this.bytes.indexOf(TIME_MARK, at + 1)) {
      this.times.push(at);
    }
    if (this.ids.length !== rows || this.times.length !== rows) throw new Error('a mark stands in a value by chance');
  }

  /** Bytes of one line of NDJSON, or of a row's share of columns. */
  get bytesPerEvent(): number {
    return this.bytes.length / this.rows;
  }

  /** Writes ids from `firstId` on, and the time. The bytes are the template's own: copy what is kept. */
  fill(firstId: number, timeMs: number): Buffer {
    const time = String(timeMs);
    for (let row = 0; row < this.rows; row++) {
      this.bytes.write(String(firstId + row).padStart(ID_DIGITS, '0'), this.ids[row]!, 'latin1');
      this.bytes.write(time, this.times[row]!, 'latin1');
    }
    return this.bytes;
  }
}

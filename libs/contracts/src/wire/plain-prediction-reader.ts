import type { PredictionEvent } from '../event.schema.js';
import { EventFault } from './event-fault.js';
import { FORBIDDEN_KEYS } from './forbidden-keys.js';
import type { IntakeContext } from './intake-context.js';
import { parsePrediction } from './parse-prediction.js';
import { PLAIN_NUMBER, PLAIN_OTHER, type PlainFeatures } from './plain-features.js';
import { PlainJson } from './plain-json.js';

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const BRACE_OPEN = 0x7b;
const BRACE_CLOSE = 0x7d;

/** Sets of features learned of one request: of so many models, or of so many orders. */
const MOST_SHAPES = 8;
/** Events in a row that may turn out not to be plain before no more are tried. */
const MOST_MISSES = 32;
const PLAIN_NAME = /^[\x20-\x7e]{1,128}$/;
/** Members of an event other than its features: prediction, its scores. */
const DEPTH = 2;
/** Stands for the features while the rest is checked. */
const NO_FEATURES = Object.freeze(Object.create(null)) as Record<string, never>;

/** Names of features in an order in which events had them. */
interface Shape {
  readonly names: readonly string[];
  readonly bytes: readonly Uint8Array[];
}

/**
 * Reads the events of a request that are plain JSON and have features of known names in a known order, without making an object of their
 * features. Every other event is left to `readEvent`; all but the features goes through the same parser either way, and names are
 * known when that has accepted an event with them, so that both ways accept and refuse the same.
 */
export class PlainPredictionReader implements PlainFeatures {
  names: readonly string[] = [];
  length = 0;
  kinds = new Uint8Array(0);
  numbers = new Float64Array(0);
  others: (string | boolean | null)[] = [];

  private readonly json = new PlainJson();
  private readonly foundNames: string[] = [];
  private shapes: Shape[] = [];
  private misses = 0;

  constructor(private readonly context: IntakeContext) {}

  /**
   * Returns the event that the bytes hold, without its features, which this object has until the next event is read; undefined when the
   * event has to be read otherwise.
   */
  read(bytes: Buffer): PredictionEvent | undefined {
    if (this.misses > MOST_MISSES || bytes.length > this.context.limits.maxEventBytes) return undefined;
    for (const [position, shape] of this.shapes.entries()) {
      this.json.start(bytes);
      const raw = this.event(shape);
      if (raw === undefined) continue;
      if (position > 0) this.shapes = [shape, ...this.shapes.filter((other) => other !== shape)];
      const event = parsePrediction(raw, this.context);
      if (event instanceof EventFault) break;
      this.misses = 0;
      return event;
    }
    this.misses += 1;
    return undefined;
  }

  /** Learns the names of an event that was read otherwise and accepted. */
  learn({ features }: PredictionEvent): void {
    if (this.shapes.length === MOST_SHAPES || this.misses > MOST_MISSES) return;
    const names = Object.keys(features);
    if (!names.every((name) => PLAIN_NAME.test(name) && !/["\\]/.test(name))) return;
    if (
      this.shapes.some(
        (shape) => shape.names.length === names.length && shape.names.every((name, i) => name === names[i]),
      )
    ) {
      return;
    }
    this.shapes.unshift({ names, bytes: names.map((name) => Buffer.from(name, 'latin1')) });
    if (this.kinds.length < names.length) {
      this.kinds = new Uint8Array(names.length);
      this.numbers = new Float64Array(names.length);
      this.others = new Array<null>(names.length).fill(null);
    }
  }

  /** The members of the event; undefined when it is not plain or not of this shape. */
  private event(shape: Shape): Record<string, unknown> | undefined {
    const { json } = this;
    const raw: Record<string, unknown> = {};
    if (!json.take(BRACE_OPEN)) return undefined;
    for (;;) {
      if (json.peek() !== QUOTE || !json.text()) return undefined;
      const member = json.string;
      if (FORBIDDEN_KEYS.has(member) || member in raw || !json.take(COLON)) return undefined;
      if (member === 'features') {
        if (!this.features(shape)) return undefined;
        raw.features = NO_FEATURES;
      } else {
        const value = json.any(DEPTH);
        if (value === undefined) return undefined;
        raw[member] = value;
      }
      if (json.take(COMMA)) continue;
      return json.take(BRACE_CLOSE) && json.isAtEnd && raw.features !== undefined ? raw : undefined;
    }
  }

  /** Reads the features. Some of the shape's may be missing, but those that are there come in its order, which excludes doubles. */
  private features(shape: Shape): boolean {
    const { json, foundNames, kinds, numbers, others } = this;
    const { maxFeatures, maxStringLength } = this.context.limits;
    let found = 0;
    let position = 0;
    const done = (): boolean => {
      this.length = found;
      this.names = found === shape.names.length ? shape.names : foundNames;
      return found <= maxFeatures;
    };
    if (!json.take(BRACE_OPEN)) return false;
    if (json.take(BRACE_CLOSE)) return done();
    for (;;) {
      if (json.peek() !== QUOTE) return false;
      while (position < shape.bytes.length && !json.takeText(shape.bytes[position]!)) position++;
      if (position === shape.bytes.length || !json.take(COLON)) return false;
      foundNames[found] = shape.names[position++]!;
      const byte = json.peek();
      if (byte === MINUS || (byte >= ZERO && byte <= NINE)) {
        if (!json.number()) return false;
        kinds[found] = PLAIN_NUMBER;
        numbers[found] = json.value;
      } else if (byte === QUOTE) {
        if (!json.text() || json.string.length > maxStringLength) return false;
        kinds[found] = PLAIN_OTHER;
        others[found] = json.string;
      } else {
        if (!json.takeLiteral()) return false;
        kinds[found] = PLAIN_OTHER;
        others[found] = json.literal;
      }
      found++;
      if (json.take(COMMA)) continue;
      return json.take(BRACE_CLOSE) && done();
    }
  }
}

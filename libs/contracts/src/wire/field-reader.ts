import { z } from 'zod';
import { classText, type FeatureValue, MIN_SAMPLE_RATE, type RejectionReason } from '../event.schema.js';
import { MAX_FEATURE_NAME_LENGTH, MAX_PREDICTION_ID_LENGTH, NAME_PATTERN } from '../identifiers.schema.js';
import { FEATURE_NAME_PATTERN } from '../model.schema.js';
import { EventFault } from './event-fault.js';
import { FORBIDDEN_KEYS } from './forbidden-keys.js';
import type { IntakeContext } from './intake-context.js';
import { timeFault } from './time-fault.js';

type Fields = Readonly<Record<string, unknown>>;

const ENTITY_HASH = /^[0-9a-f]{16}$/;

/** The expression of the wire schema, without the cost of running a schema for every event. */
const DATETIME = z.core.regexes.datetime({ offset: true });

/**
 * Reads fields of one parsed event under the rules of the wire schemas. Keeps the first fault; after one, what it returns does not
 * matter. Absent optional fields are undefined.
 *
 * JSON can write half of a surrogate pair, and UTF-8 cannot: stored, it would be U+FFFD. So texts are given with U+FFFD in its place,
 * or what is counted here would differ from what is counted of the stored rows. Ids and names of features are refused, since
 * two different ones would become one.
 */
export class FieldReader {
  fault: EventFault | undefined;

  constructor(private readonly context: IntakeContext) {}

  refuse(field: string, reason: RejectionReason, message: string): undefined {
    this.fault ??= new EventFault(field, reason, message);
    return undefined;
  }

  /** Refuses fields that are not in the set. */
  onlyKnown(fields: Fields, known: ReadonlySet<string>, path = ''): void {
    for (const key in fields) {
      if (known.has(key)) continue;
      if (this.isForbidden(key, path)) return;
      this.refuse(path + key, 'unknown_field', `is no field of an event; the fields are ${[...known].join(', ')}`);
      return;
    }
  }

  name(value: unknown, field: string): string {
    if (typeof value !== 'string') return this.notA('a text', value, field) ?? '';
    if (!NAME_PATTERN.test(value)) {
      const reason = value.length > 128 ? 'too_long' : 'invalid_name';
      this.refuse(field, reason, 'must be 1 to 128 letters, digits, ".", "_" or "-", starting with a letter or digit');
    }
    return value;
  }

  /** Project that an event of a message names; that of the context when it names none. */
  project(value: unknown): string {
    return value === undefined ? this.context.project : this.name(value, 'project');
  }

  /** Hash of a data subject that the event carries in its stead. */
  entityHash(value: unknown): string | undefined {
    if (value === undefined) return undefined;
    if (typeof value === 'string' && ENTITY_HASH.test(value)) return value;
    return this.refuse('entity_hash', 'invalid_name', 'must be 16 hex digits; send entity_id to have it hashed');
  }

  predictionId(value: unknown): string {
    if (typeof value !== 'string') return this.notA('a text', value, 'prediction_id') ?? '';
    if (value === '') this.refuse('prediction_id', 'missing', 'must not be empty');
    if (value.length > MAX_PREDICTION_ID_LENGTH) {
      this.refuse('prediction_id', 'too_long', `must have at most ${MAX_PREDICTION_ID_LENGTH} characters`);
    }
    if (!value.isWellFormed()) {
      this.refuse('prediction_id', 'invalid_name', 'must be whole Unicode characters, but holds half a surrogate pair');
    }
    return value;
  }

  text(value: unknown, field: string): string | undefined {
    if (value === undefined) return undefined;
    if (typeof value !== 'string') return this.notA('a text', value, field);
    this.checkLength(value, field);
    return value.toWellFormed();
  }

  /** A finite number. */
  number(value: unknown, field: string): number | undefined {
    if (value === undefined) return undefined;
    if (typeof value !== 'number') return this.notA('a number', value, field);
    if (!Number.isFinite(value)) this.refuse(field, 'not_finite', 'is too large for a number');
    return value;
  }

  /** Part of the predictions that is sent. */
  sampleRate(value: unknown): number | undefined {
    const rate = this.number(value, 'sample_rate');
    if (rate === undefined || (rate >= MIN_SAMPLE_RATE && rate <= 1)) return rate;
    const remedy =
      'send the part of the predictions that is kept, 0.1 for one of ten, or leave it out when all are sent';
    return this.refuse(
      'sample_rate',
      'out_of_range',
      `must be above 0 (${MIN_SAMPLE_RATE} at least) and at most 1: ${remedy}`,
    );
  }

  /** Canonical text of a class. */
  classText(value: unknown, field: string): string | undefined {
    if (value === undefined) return undefined;
    if (typeof value === 'string') return this.text(value, field);
    if (typeof value === 'boolean') return classText(value);
    if (typeof value !== 'number') return this.notA('a text, a number or true/false', value, field);
    return classText(this.number(value, field)!);
  }

  /** Milliseconds since 1970, within what is accepted. */
  timestamp(value: unknown): number | undefined {
    if (value === undefined) return undefined;
    if (typeof value === 'string' && DATETIME.test(value)) return this.checkTime(Date.parse(value), 'timestamp');
    if (typeof value === 'number' && Number.isSafeInteger(value)) return this.checkTime(value, 'timestamp');
    const form = 'an ISO 8601 text with a zone, as in 2026-01-31T12:00:00Z, or whole milliseconds since 1970';
    return this.notA(form, value, 'timestamp');
  }

  checkTime(timeMs: number, field: string): number {
    this.fault ??= timeFault(timeMs, field, this.context);
    return timeMs;
  }

  /** The features as they are, without a prototype. An infinite number stays: it is counted as invalid when it is stored. */
  features(value: unknown): Readonly<Record<string, FeatureValue>> {
    const fields = this.fields(value, 'features');
    if (fields === undefined) {
      if (value === undefined) this.refuse('features', 'missing', 'is required; {} when there are none');
      return {};
    }
    const { goodNames, limits } = this.context;
    let count = 0;
    for (const name in fields) {
      count += 1;
      if (!goodNames.has(name)) {
        if (!this.isGoodFeatureName(name)) break;
        goodNames.add(name);
      }
      const item = fields[name];
      if (typeof item === 'number' || typeof item === 'boolean' || item === null) continue;
      if (typeof item !== 'string') {
        this.notA('a number, a text, true/false or null', item, `features.${name}`);
        break;
      }
      if (item.length > limits.maxStringLength) {
        this.checkLength(item, `features.${name}`);
        break;
      }
      // Changed in place as the prototype is; for nearly all texts a look at one bit of them.
      if (!item.isWellFormed()) (fields as Record<string, unknown>)[name] = item.toWellFormed();
    }
    if (count > limits.maxFeatures) {
      this.refuse('features', 'too_many_features', `must hold at most ${limits.maxFeatures} features`);
    }
    return withoutPrototype(fields as Record<string, FeatureValue>);
  }

  /** Texts by name, without a prototype. */
  tags(value: unknown): Readonly<Record<string, string>> | undefined {
    if (value === undefined) return undefined;
    const fields = this.fields(value, 'tags') ?? {};
    for (const name in fields) {
      if (this.isForbidden(name, 'tags.')) break;
      const item = fields[name];
      if (typeof item !== 'string') this.notA('a text', item, `tags.${name}`);
      else this.checkLength(item, `tags.${name}`);
      this.checkLength(name, `tags.${name.slice(0, 64)}`);
    }
    return withoutPrototype(wellFormed(fields as Record<string, string>));
  }

  /** Finite numbers by class, without a prototype. */
  scores(value: unknown): Readonly<Record<string, number>> | undefined {
    if (value === undefined) return undefined;
    const fields = this.fields(value, 'prediction.scores') ?? {};
    for (const name in fields) {
      if (this.isForbidden(name, 'prediction.scores.')) break;
      const item = fields[name];
      if (typeof item !== 'number') this.notA('a number', item, `prediction.scores.${name}`);
      else this.number(item, `prediction.scores.${name}`);
      this.checkLength(name, `prediction.scores.${name.slice(0, 64)}`);
    }
    return withoutPrototype(wellFormed(fields as Record<string, number>));
  }

  /** The value as an object, or undefined when it is absent or something else. */
  fields(value: unknown, field: string): Fields | undefined {
    if (value === undefined) return undefined;
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return this.notA('an object', value, field);
    return value as Fields;
  }

  /** Refuses a value of another JSON type, or none where one is required. */
  notA(expected: string, value: unknown, field: string): undefined {
    if (value === undefined) return this.refuse(field, 'missing', 'is required');
    return this.refuse(field, 'wrong_type', `must be ${expected}, but is ${describe(value)}`);
  }

  private isGoodFeatureName(name: string): boolean {
    if (this.isForbidden(name, 'features.')) return false;
    if (name.length > MAX_FEATURE_NAME_LENGTH) {
      this.refuse(
        `features.${name.slice(0, 64)}`,
        'too_long',
        `names of features have at most ${MAX_FEATURE_NAME_LENGTH} characters`,
      );
      return false;
    }
    if (!name.isWellFormed()) {
      this.refuse('features', 'invalid_name', 'a name of a feature holds half a surrogate pair: send whole characters');
      return false;
    }
    if (FEATURE_NAME_PATTERN.test(name)) return true;
    this.refuse(
      `features.${name}`,
      'invalid_name',
      'names of features must not be empty, start with "$" or hold control characters',
    );
    return false;
  }

  private isForbidden(key: string, path: string): boolean {
    if (!FORBIDDEN_KEYS.has(key)) return false;
    this.refuse(path + key, 'forbidden_key', 'is not allowed as a name: rename it');
    return true;
  }

  private checkLength(text: string, field: string): void {
    const { maxStringLength } = this.context.limits;
    if (text.length > maxStringLength)
      this.refuse(field, 'too_long', `must have at most ${maxStringLength} characters`);
  }
}

/** Changes the object instead of copying it, which at 100 features would cost more than all the checks. */
function withoutPrototype<T>(fields: Record<string, T>): Record<string, T> {
  return Object.setPrototypeOf(fields, null) as Record<string, T>;
}

/** The object itself, or one with U+FFFD for halves of surrogate pairs in its names and texts; of two names that become one the last holds. */
function wellFormed<T extends string | number>(fields: Record<string, T>): Record<string, T> {
  const textOf = (value: T): T => (typeof value === 'string' ? (value.toWellFormed() as T) : value);
  for (const name in fields) {
    if (name.isWellFormed() && textOf(fields[name]!) === fields[name]) continue;
    return Object.fromEntries(Object.entries(fields).map(([each, value]) => [each.toWellFormed(), textOf(value)]));
  }
  return fields;
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  return JSON.stringify(value).slice(0, 64);
}

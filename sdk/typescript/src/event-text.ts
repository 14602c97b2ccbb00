import type { WireLabel, WirePrediction } from './wire-event.js';

/** Services use the same few names for ever; a service that invents names must not fill the memory. */
const MAX_CACHED_NAMES = 10_000;

/**
 * Writes events as JSON: features by hand where something must be left out, or is an infinite number or a bigint, which
 * JSON.stringify cannot write.
 */
export class EventText {
  /** Name of a feature to `"name":`, or to '' when it must not leave the process. */
  private readonly keys = new Map<string, string>();
  private readonly redacts: boolean;

  /** @param isRedacted tells names that must not leave the process; undefined when there are none */
  constructor(private readonly isRedacted: ((name: string) => boolean) | undefined) {
    this.redacts = isRedacted !== undefined;
  }

  /** @throws TypeError for what JSON cannot say, such as a cycle */
  prediction(event: WirePrediction): string {
    const { features, tags, ...rest } = event;
    if (this.isPlain(features) && (tags === undefined || this.isPlain(tags))) return JSON.stringify(event);
    const head = JSON.stringify(rest);
    const tagText = tags === undefined ? '' : `,"tags":${this.object(tags)}`;
    return `${head.slice(0, -1)},"features":${this.object(features)}${tagText}}`;
  }

  label(event: WireLabel): string {
    return JSON.stringify(event);
  }

  /** Whether JSON.stringify, which is the quickest, writes it as it should be. */
  private isPlain(values: Readonly<Record<string, unknown>>): boolean {
    for (const name in values) {
      const value = values[name];
      if (typeof value === 'number') {
        if (value === Infinity || value === -Infinity) return false;
      } else if (typeof value === 'bigint') return false;
      if (this.redacts && (this.keys.get(name) ?? this.addKey(name)) === '') return false;
    }
    return true;
  }

  private object(values: Readonly<Record<string, unknown>>): string {
    let text = '';
    for (const name of Object.keys(values)) {
      const key = this.keys.get(name) ?? this.addKey(name);
      if (key === '') continue;
      const value = valueText(values[name]);
      if (value !== undefined) text += (text === '' ? '' : ',') + key + value;
    }
    return `{${text}}`;
  }

  private addKey(name: string): string {
    const key = this.isRedacted?.(name) ? '' : `${JSON.stringify(name)}:`;
    if (this.keys.size >= MAX_CACHED_NAMES) this.keys.clear();
    this.keys.set(name, key);
    return key;
  }
}

function valueText(value: unknown): string | undefined {
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'bigint') return value.toString();
  return JSON.stringify(value);
}

/** JSON has no NaN, which means missing, and no infinity; a number too large to hold is read as one, and counted as invalid. */
function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  if (Number.isNaN(value)) return 'null';
  return value > 0 ? '1e999' : '-1e999';
}

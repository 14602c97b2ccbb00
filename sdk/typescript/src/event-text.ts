import type { WireLabel, WirePrediction } from './wire-event.js';

/** Services use the same few names for ever; a service that invents names must not fill the memory. */
const MAX_CACHED_NAMES = 10_000;

/**
 * Writes events as JSON. By hand for features, since JSON.stringify knows neither redaction nor infinite numbers, and a cache
 * of names makes it quicker as well.
 */
export class EventText {
  /** Name of a feature to `"name":`, or to '' when it must not leave the process. */
  private readonly keys = new Map<string, string>();

  constructor(private readonly isRedacted: (name: string) => boolean) {}

  /** @throws TypeError for what JSON cannot say, such as a cycle */
  prediction(event: WirePrediction): string {
    const { features, tags, ...rest } = event;
    const head = JSON.stringify(rest);
    const tagText = tags === undefined ? '' : `,"tags":${this.object(tags)}`;
    return `${head.slice(0, -1)},"features":${this.object(features)}${tagText}}`;
  }

  label(event: WireLabel): string {
    return JSON.stringify(event);
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
    const key = this.isRedacted(name) ? '' : `${JSON.stringify(name)}:`;
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

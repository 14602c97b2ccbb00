import { PlumblineError } from './plumbline-error.js';
import type { EventKind } from './plumbline-error.js';
import type { Transport } from './transport.js';
import type { WireEvent, WireLabel, WirePrediction } from './wire-event.js';

export type BeforeSend = (event: WireEvent, kind: EventKind) => WirePrediction | WireLabel | null | undefined;

/** Everything has a default. What stands in brackets is the environment variable that holds where the option is absent. */
export interface PlumblineOptions {
  /** Address of the server. Default: http://127.0.0.1:8080. [PLUMBLINE_URL] */
  readonly url?: string | undefined;
  /** API key with the scope `ingest`. [PLUMBLINE_API_KEY] */
  readonly apiKey?: string | undefined;
  /** Model of events that name none. */
  readonly model?: string | undefined;
  /** Version of predictions that name none. */
  readonly version?: string | undefined;
  /** `false`: every call is a no-op. [PLUMBLINE_ENABLED] */
  readonly enabled?: boolean | undefined;
  /** Part of the predictions to keep, from 0 to 1, chosen by id, so that labels are kept with theirs. Default: 1. [PLUMBLINE_SAMPLE_RATE] */
  readonly sampleRate?: number | undefined;
  /** Names of features and tags that must not leave the process; `*` stands for any text. */
  readonly redact?: readonly string[] | undefined;
  /** Sees each event before it is queued; may change it, or give null to drop it. Redaction comes after it. */
  readonly beforeSend?: BeforeSend | undefined;
  /** Told of everything that is lost, and of outages. Default: a line on standard error, at most one a minute for each reason. */
  readonly onError?: ((error: PlumblineError) => void) | undefined;
  /** Events that make a batch. Default: 500. */
  readonly maxBatchEvents?: number | undefined;
  /** Bytes of JSON that make a batch. Default: 1 MiB. */
  readonly maxBatchBytes?: number | undefined;
  /** Longest time that an event waits for others, in milliseconds. Default: 1000. */
  readonly flushIntervalMs?: number | undefined;
  /** Events that may wait in memory. Default: 50 000. When the queue is full, new events are dropped. */
  readonly maxQueueEvents?: number | undefined;
  /** Bytes of JSON that may wait in memory. Default: 32 MiB. */
  readonly maxQueueBytes?: number | undefined;
  /** An event with more bytes is dropped. Default: 1 MiB, the server's own limit. */
  readonly maxEventBytes?: number | undefined;
  /** Default: 35 s, a little more than the server gives itself. */
  readonly requestTimeoutMs?: number | undefined;
  /** How long the end of the process may wait for what is queued, in milliseconds. Default: 2000. */
  readonly exitTimeoutMs?: number | undefined;
  /** Folder on a local disk: what waits is kept there too, survives a crash and is sent at the next start. [PLUMBLINE_SPOOL_DIR] */
  readonly spoolDir?: string | undefined;
  /** Default: 256 MiB. */
  readonly maxSpoolBytes?: number | undefined;
  /** Default: true, for bodies of 1 KiB and more. */
  readonly gzip?: boolean | undefined;
  /** Default: HTTP. */
  readonly transport?: Transport | undefined;
}

/** Options with their defaults, and what was wrong with them. */
export interface Settings {
  readonly enabled: boolean;
  readonly url: URL;
  readonly apiKey: string | undefined;
  readonly model: string | undefined;
  readonly version: string | undefined;
  readonly sampleRate: number;
  readonly redact: readonly string[];
  readonly maxBatchEvents: number;
  readonly maxBatchBytes: number;
  readonly flushIntervalMs: number;
  readonly maxQueueEvents: number;
  readonly maxQueueBytes: number;
  readonly maxEventBytes: number;
  readonly requestTimeoutMs: number;
  readonly exitTimeoutMs: number;
  readonly spoolDir: string | undefined;
  readonly maxSpoolBytes: number;
  readonly gzip: boolean;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const MEBIBYTE = 1024 * 1024;
const DEFAULT_URL = 'http://127.0.0.1:8080';
const TRUE = new Set(['', '1', 'true', 'yes', 'on']);
const FALSE = new Set(['0', 'false', 'no', 'off']);

/** Returns the settings, and a fault for each option that is wrong: such a one takes its default, a wrong address turns the client off. */
export function resolveOptions(
  options: PlumblineOptions,
  environment: Environment,
): { readonly settings: Settings; readonly faults: readonly PlumblineError[] } {
  const faults: PlumblineError[] = [];
  const fault = (field: string, message: string): void => {
    faults.push(new PlumblineError('invalid_option', `${field} ${message}`, { field }));
  };
  const number = (field: keyof PlumblineOptions, byDefault: number, least = 1): number => {
    const value = options[field];
    if (value === undefined) return byDefault;
    if (typeof value === 'number' && value >= least) return value;
    fault(field, `must be a number of at least ${least}; ${byDefault} is used`);
    return byDefault;
  };

  const addressText = options.url ?? environment['PLUMBLINE_URL'] ?? DEFAULT_URL;
  const address = parseUrl(addressText);
  if (address === undefined) {
    fault('url', `"${addressText}" is no address of a server: write it as in ${DEFAULT_URL}. Nothing is sent`);
  }
  const enabledText = (environment['PLUMBLINE_ENABLED'] ?? '').trim().toLowerCase();
  if (options.enabled === undefined && !TRUE.has(enabledText) && !FALSE.has(enabledText)) {
    fault('PLUMBLINE_ENABLED', 'must be true or false; true is used');
  }
  const rate = options.sampleRate ?? Number(environment['PLUMBLINE_SAMPLE_RATE'] ?? 1);
  const isRate = rate >= 0 && rate <= 1;
  if (!isRate) fault('sampleRate', 'must be a number from 0 to 1; 1 is used');
  const redact = options.redact ?? [];
  // What must not leave is not known then, so nothing does.
  const isList = Array.isArray(redact) && redact.every((name) => typeof name === 'string');
  if (!isList) fault('redact', 'must be a list of names. Nothing is sent');

  const settings: Settings = {
    enabled: (options.enabled ?? !FALSE.has(enabledText)) && address !== undefined && isList,
    url: address ?? new URL(DEFAULT_URL),
    apiKey: options.apiKey ?? environment['PLUMBLINE_API_KEY'],
    model: options.model,
    version: options.version,
    sampleRate: isRate ? rate : 1,
    redact: isList ? redact : [],
    maxBatchEvents: number('maxBatchEvents', 500),
    maxBatchBytes: number('maxBatchBytes', MEBIBYTE),
    flushIntervalMs: number('flushIntervalMs', 1000, 0),
    maxQueueEvents: number('maxQueueEvents', 50_000),
    maxQueueBytes: number('maxQueueBytes', 32 * MEBIBYTE),
    maxEventBytes: number('maxEventBytes', MEBIBYTE),
    requestTimeoutMs: number('requestTimeoutMs', 35_000),
    exitTimeoutMs: number('exitTimeoutMs', 2000, 0),
    spoolDir: options.spoolDir ?? environment['PLUMBLINE_SPOOL_DIR'],
    maxSpoolBytes: number('maxSpoolBytes', 256 * MEBIBYTE),
    gzip: options.gzip ?? true,
  };
  return { settings, faults };
}

function parseUrl(text: string): URL | undefined {
  try {
    const url = new URL(text);
    return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined;
  } catch {
    return undefined;
  }
}

import { pino, stdTimeFunctions } from 'pino';
import { currentRequestId } from './request-id.js';
import { renderLogLine } from './render-log-line.js';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface LogMethod {
  /** An error goes into the field `err`, where its type, message, stack and causes are kept. */
  (fields: object, message: string): void;
  (message: string): void;
}

/**
 * Writes one line per call. An abstract class and not an interface, so that it is its own injection token. `error` means that a
 * person must act, `warn` that one will have to if it goes on.
 */
export abstract class Logger {
  abstract readonly debug: LogMethod;
  abstract readonly info: LogMethod;
  abstract readonly warn: LogMethod;
  abstract readonly error: LogMethod;
  /** A logger whose lines also carry these fields. */
  abstract child(fields: object): Logger;
}

export interface LoggerOptions {
  readonly level: LogLevel;
  /** `text` is for people at a terminal, `json` for everything else. */
  readonly format: 'json' | 'text';
  /** Field `service` of every line. */
  readonly service?: string;
  /** Takes whole lines; standard output when absent. */
  readonly destination?: { write(line: string): unknown };
}

/** A logger whose lines carry `level`, `time` (ISO 8601), `service`, `msg` and, within a request, `request_id`. */
export function createLogger({ level, format, service = 'plumbline', destination }: LoggerOptions): Logger {
  const output = destination ?? pino.destination({ fd: 1, sync: true });
  return pino(
    {
      level,
      base: { service },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      mixin: () => {
        const requestId = currentRequestId();
        return requestId === undefined ? {} : { request_id: requestId };
      },
    },
    format === 'json' ? output : { write: (line: string) => output.write(renderLogLine(line)) },
  );
}

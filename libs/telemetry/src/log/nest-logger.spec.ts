import { createLogger } from './logger.js';
import { NestLogger } from './nest-logger.js';

/** A logger into memory. */
function logTo() {
  const lines: string[] = [];
  const logger = createLogger({ level: 'debug', format: 'json', destination: { write: (line) => lines.push(line) } });
  return { logger, parsed: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

describe('NestLogger', () => {
  const failure = new Error('no');

  it.each<[string, (logger: NestLogger) => void, object]>([
    ['a message', (log) => log.log('hello', 'Context'), { level: 'info', msg: 'hello', context: 'Context' }],
    ['a message without context', (log) => log.warn('hello'), { level: 'warn', msg: 'hello' }],
    ['start-up chatter', (log) => log.log('Mapped {/x, GET}', 'RouterExplorer'), { level: 'debug' }],
    ['verbosity', (log) => log.verbose('hello', 'Context'), { level: 'debug', msg: 'hello' }],
    ['an object', (log) => log.debug({ a: 1 }, 'Context'), { level: 'debug', msg: '{"a":1}' }],
    [
      'an error as text and stack',
      (log) => log.error('no', 'Error: no\n at x', 'Context'),
      { level: 'error', msg: 'no', stack: 'Error: no\n at x', context: 'Context' },
    ],
    [
      'an error',
      (log) => log.error(failure, 'ExceptionsHandler'),
      { level: 'error', msg: 'no', context: 'ExceptionsHandler', err: { stack: failure.stack } },
    ],
    ['the end', (log) => log.fatal('no'), { level: 'error', msg: 'no' }],
  ])('writes %s', (_, write, expected) => {
    const { logger, parsed } = logTo();
    write(new NestLogger(logger));
    expect(parsed()).toEqual([expect.objectContaining(normalised(expected))]);
  });
});

/** Nested objects are compared by what they must contain. */
function normalised(expected: object): object {
  return Object.fromEntries(
    Object.entries(expected).map(([name, value]: [string, unknown]) => [
      name,
      typeof value === 'object' ? expect.objectContaining(value as object) : value,
    ]),
  );
}

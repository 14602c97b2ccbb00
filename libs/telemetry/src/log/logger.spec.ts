import type { LoggerOptions } from './logger.js';
import { createLogger } from './logger.js';

function logTo(options: Partial<LoggerOptions> = {}) {
  const lines: string[] = [];
  const logger = createLogger({
    level: 'debug',
    format: 'json',
    destination: { write: (line) => lines.push(line) },
    ...options,
  });
  return { logger, lines, parsed: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

describe('createLogger', () => {
  it('writes a JSON line with level, ISO time, service, fields and message', () => {
    const { logger, lines, parsed } = logTo({ service: 'plumbline-api' });
    logger.info({ rows: 3 }, 'stored');
    expect(parsed()).toEqual([
      { level: 'info', time: expect.any(String) as string, service: 'plumbline-api', rows: 3, msg: 'stored' },
    ]);
    expect(new Date(parsed()[0]!.time as string).toISOString()).toBe(parsed()[0]!.time);
    expect(lines[0]!.endsWith('\n')).toBe(true);
  });

  it('leaves out what is below its level', () => {
    const { logger, parsed } = logTo({ level: 'warn' });
    logger.debug('a');
    logger.info('b');
    logger.warn('c');
    logger.error('d');
    expect(parsed().map(({ level, msg }) => [level, msg])).toEqual([
      ['warn', 'c'],
      ['error', 'd'],
    ]);
  });

  it('keeps the stack and the cause of an error', () => {
    const { logger, parsed } = logTo();
    logger.error({ err: new Error('insert failed', { cause: new Error('socket hang up') }) }, 'batch failed');
    expect(parsed()[0]).toMatchObject({
      msg: 'batch failed',
      err: { stack: expect.stringContaining('socket hang up') as string },
    });
  });

  it('gives a child the fields of its own and of its parent', () => {
    const { logger, parsed } = logTo();
    logger.child({ model: 'loan' }).child({ window: 1 }).info('evaluated');
    expect(parsed()[0]).toMatchObject({ model: 'loan', window: 1, service: 'plumbline' });
  });

  it('writes one readable line as text, with the stack of an error below', () => {
    const { logger, lines } = logTo({ format: 'text' });
    logger.info({ rows: 3, table: 'raw "x"' }, 'stored');
    logger.error({ err: new Error('no') }, 'failed');
    expect(lines[0]).toMatch(/^\d{4}-\S+Z INFO  stored rows=3 table="raw \\"x\\""\n$/);
    expect(lines[1]).toMatch(/^\S+Z ERROR failed\nError: no\n {4}at /);
  });
});

import { setImmediate } from 'node:timers/promises';
import { createLogger } from './logger.js';
import { currentRequestId, runWithRequestId } from './request-id.js';

/** A logger into memory. */
function logTo() {
  const lines: string[] = [];
  const logger = createLogger({ level: 'debug', format: 'json', destination: { write: (line) => lines.push(line) } });
  return { logger, parsed: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

describe('runWithRequestId', () => {
  it('puts the id on every line of its work, asynchronous or not, and on no other', async () => {
    const { logger, parsed } = logTo();
    const work = async (name: string) => {
      logger.info(`${name} before`);
      await setImmediate();
      logger.child({}).info(`${name} after`);
      return currentRequestId();
    };
    const ids = await Promise.all([runWithRequestId('r1', () => work('a')), runWithRequestId('r2', () => work('b'))]);
    logger.info('outside');
    expect(ids).toEqual(['r1', 'r2']);
    expect(parsed().map(({ msg, request_id }) => [msg, request_id])).toEqual([
      ['a before', 'r1'],
      ['b before', 'r2'],
      ['a after', 'r1'],
      ['b after', 'r2'],
      ['outside', undefined],
    ]);
    expect(currentRequestId()).toBeUndefined();
  });
});

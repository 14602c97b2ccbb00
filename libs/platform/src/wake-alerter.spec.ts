import { createLogger } from '@plumbline/telemetry';
import { BrokerStream } from '../../../test/support/broker-stream.js';
import { wakeAlerter } from './wake-alerter.js';

describe('wakeAlerter', () => {
  const lines: string[] = [];
  const logger = createLogger({
    level: 'warn',
    format: 'json',
    destination: { write: (line: string) => void lines.push(line) },
  });

  it('publishes what happened', async () => {
    const stream = new BrokerStream();
    const action = { alertId: 'a', actionId: 'b', action: 'note' } as const;
    await wakeAlerter(stream, logger, { project: 'p', model: 'm', action });
    expect(stream.kept).toEqual([{ project: 'p', model: 'm', action }]);
    expect(lines).toEqual([]);
  });

  it('says so when the stream takes nothing, and lets the regular look at the tables do it', async () => {
    const stream = new BrokerStream();
    stream.away = true;
    await wakeAlerter(stream, logger, { project: 'p', model: 'm' });
    expect(lines.join()).toContain('the alerter was not woken');
  });

  it('passes on what is no overload', async () => {
    const stream = new BrokerStream();
    stream.publish = async () => {
      throw new TypeError('a mistake');
    };
    await expect(wakeAlerter(stream, logger, { project: 'p', model: 'm' })).rejects.toThrow('a mistake');
  });
});

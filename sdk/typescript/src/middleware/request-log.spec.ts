import { MemoryTransport } from '../memory-transport.js';
import { Plumbline } from '../plumbline.js';
import type { PlumblineError } from '../plumbline-error.js';
import { RequestLog } from './request-log.js';

describe('RequestLog', () => {
  const memory = new MemoryTransport();
  const errors: PlumblineError[] = [];
  const client = new Plumbline({ model: 'm', transport: memory, onError: (error) => errors.push(error) });
  beforeEach(() => {
    memory.clear();
    errors.length = 0;
  });
  afterAll(() => client.close());

  it('is no prediction without features', async () => {
    new RequestLog(client, {}, {}).end({ status: 500 });
    await client.flush();
    expect(memory.predictions).toEqual([]);
  });

  it('is logged once', async () => {
    const log = new RequestLog(client, {}, { features: () => ({ a: 1 }) });
    log.end({ status: 200 });
    log.end({ status: 500 });
    await client.flush();
    expect(memory.predictions).toHaveLength(1);
    expect(memory.predictions[0]).not.toHaveProperty('error');
  });

  it('tells when a function of the service throws', async () => {
    const features = (): never => {
      throw new Error('no body');
    };
    new RequestLog(client, {}, { features }).end({ status: 200 });
    await client.flush();
    expect(errors).toMatchObject([{ reason: 'invalid_call', message: expect.stringContaining('no body') as string }]);
    expect(client.statistics().droppedByReason).toMatchObject({ invalid_call: 1 });
  });
});

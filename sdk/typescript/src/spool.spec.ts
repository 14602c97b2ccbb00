import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../../test/support/until.js';
import { ScriptedTransport } from '../test/scripted-transport.js';
import type { PlumblineOptions } from './options.js';
import { Plumbline } from './plumbline.js';
import type { PlumblineError } from './plumbline-error.js';

/** No process has it: the largest that Linux gives is smaller. */
const DEAD_PID = 99_999_999;
const AWAY = new Error('away');

describe('spool folder', () => {
  let spoolDir: string;
  beforeEach(async () => {
    spoolDir = await mkdtemp(join(tmpdir(), 'plumbline-spool-'));
  });
  afterEach(() => rm(spoolDir, { recursive: true, force: true }));

  const setUp = (options: PlumblineOptions, answers: ConstructorParameters<typeof ScriptedTransport>[0] = []) => {
    const errors: PlumblineError[] = [];
    const transport = new ScriptedTransport(answers);
    const onError = (error: PlumblineError): void => void errors.push(error);
    const settings = { model: 'm', flushIntervalMs: 60_000, spoolDir, onError, transport, ...options };
    return { plumbline: new Plumbline(settings), transport, errors };
  };
  const filesIn = async (): Promise<string[]> =>
    (await readdir(spoolDir, { recursive: true })).filter((name) => name.endsWith('.ndjson'));
  /** Events that are in files. */
  const written = async (): Promise<number> => {
    const texts = (await filesIn()).map((name) => readFile(join(spoolDir, name), 'utf8'));
    return (await Promise.all(texts)).join('').split('\n').length - 1;
  };
  const left = async (folder: string, name: string, text: string): Promise<void> => {
    await mkdir(join(spoolDir, folder), { recursive: true });
    await writeFile(join(spoolDir, folder, name), text);
  };
  const event = (id: string): string =>
    `${JSON.stringify({ model: 'm', prediction_id: id, timestamp: 0, features: {} })}\n`;

  it('holds what waits, and nothing that has arrived', async () => {
    const { plumbline } = setUp({ maxBatchEvents: 2 });
    for (let i = 0; i < 5; i++) plumbline.logPrediction({ features: {} });
    await until('the files are there', async () => ((await filesIn()).length > 0 ? true : undefined));
    await plumbline.close();
    await until('the files are gone', async () => ((await filesIn()).length === 0 ? true : undefined));
    expect(plumbline.statistics()).toMatchObject({ accepted: 5, spooled: 0 });
  });

  it('keeps what could not be sent, and the next client sends it', async () => {
    const first = setUp({ maxBatchEvents: 2 }, [AWAY]);
    const ids = Array.from({ length: 5 }, () => first.plumbline.logPrediction({ features: {} }));
    first.plumbline.logLabel({ predictionId: ids[0]!, label: 1 });
    expect(await first.plumbline.close(10)).toBe(false);
    expect(first.plumbline.statistics()).toMatchObject({ spooled: 6, dropped: 0, queued: 0 });

    const second = setUp({});
    expect(await second.plumbline.flush(60_000)).toBe(true);
    expect(second.transport.events.map((sent) => sent['prediction_id']).sort()).toEqual([...ids, ids[0]!].sort());
    expect(second.plumbline.statistics()).toMatchObject({ logged: 6, accepted: 6 });
    await second.plumbline.close();
    await until('the files are gone', async () => ((await readdir(spoolDir)).length <= 1 ? true : undefined));
  });

  it('takes over from processes that have ended, and leaves those that live', async () => {
    const own = hostname();
    await left(`${own}-${DEAD_PID}-000000000001`, '0000000000.prediction.ndjson', event('dead'));
    await left(`${own}-${process.ppid}-000000000002`, '0000000000.prediction.ndjson', event('alive'));
    await left(`${own}-${process.pid}-000000000003`, '0000000000.prediction.ndjson', event('same-pid-earlier'));
    await left('elsewhere-1-000000000004', '0000000000.prediction.ndjson', event('foreign-alive'));
    await left('elsewhere-1-000000000005', '0000000000.prediction.ndjson', event('foreign-gone'));
    await utimes(join(spoolDir, 'elsewhere-1-000000000005'), 0, 0);
    await left('something-else', '0000000000.prediction.ndjson', event('not-ours'));
    const { plumbline, transport } = setUp({});
    await plumbline.close(60_000);
    expect(transport.events.map((sent) => sent['prediction_id']).sort()).toEqual([
      'dead',
      'foreign-gone',
      'same-pid-earlier',
    ]);
  });

  it('leaves out a line that a crash cut off', async () => {
    await left(
      `${hostname()}-${DEAD_PID}-000000000001`,
      '0000000000.prediction.ndjson',
      `${event('whole')}{"model":"m","pre`,
    );
    const { plumbline, transport } = setUp({});
    await plumbline.close(60_000);
    expect(transport.events).toMatchObject([{ prediction_id: 'whole' }]);
  });

  it('holds more than memory may, in order', async () => {
    const { plumbline, transport } = setUp({ maxBatchEvents: 10, maxQueueEvents: 50 }, [AWAY]);
    const ids: string[] = [];
    for (let i = 0; i < 30; i++) {
      for (let j = 0; j < 10; j++) ids.push(plumbline.logPrediction({ features: { i } }));
      // Events leave the memory once they are written.
      await until('they are written', async () => ((await written()) === 10 * (i + 1) ? true : undefined));
    }
    expect(plumbline.statistics()).toMatchObject({ queued: 300, dropped: 0 });
    transport.answerWith(200);
    expect(await plumbline.flush(60_000)).toBe(true);
    expect([...new Set(transport.events.map((sent) => sent['prediction_id']))]).toEqual(ids);
    expect(plumbline.statistics()).toMatchObject({ accepted: 300, dropped: 0, queued: 0, queuedBytes: 0 });
    await plumbline.close();
  });

  it('is bounded too', async () => {
    const { plumbline } = setUp({ maxBatchEvents: 2, maxQueueEvents: 4, maxSpoolBytes: 1_000 }, [AWAY]);
    for (let i = 0; i < 30; i++) {
      plumbline.logPrediction({ features: { text: 'x'.repeat(100) } });
      await new Promise((turn) => setImmediate(turn));
    }
    const { queued, dropped } = plumbline.statistics();
    expect(dropped).toBeGreaterThan(0);
    expect(queued + dropped).toBe(30);
    await plumbline.close(0);
  });

  it('tells when the folder cannot be used, and goes on in memory', async () => {
    const file = join(spoolDir, 'a-file');
    await writeFile(file, '');
    const { plumbline, transport, errors } = setUp({ spoolDir: join(file, 'below') });
    plumbline.logPrediction({ features: {} });
    await plumbline.close(60_000);
    expect(errors).toMatchObject([{ reason: 'spool_failed', count: 0 }]);
    expect(transport.events).toHaveLength(1);
  });

  it('counts events whose file was taken away', async () => {
    const { plumbline, transport, errors } = setUp({ maxBatchEvents: 10, maxQueueEvents: 20 }, [AWAY]);
    for (let i = 0; i < 4; i++) {
      for (let j = 0; j < 10; j++) plumbline.logPrediction({ features: {} });
      await until('they are written', async () => ((await written()) === 10 * (i + 1) ? true : undefined));
    }
    for (const name of await filesIn()) await rm(join(spoolDir, name));
    transport.answerWith(200);
    await plumbline.flush(60_000);
    const { accepted, dropped, logged } = plumbline.statistics();
    expect(accepted + dropped).toBe(logged);
    expect(dropped).toBeGreaterThan(0);
    expect(errors.some(({ reason, count }) => reason === 'spool_failed' && count > 0)).toBe(true);
    await plumbline.close();
  });
});

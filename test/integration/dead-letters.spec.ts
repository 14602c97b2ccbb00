import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeadLetterActionReply, DeadLetterDetailReply, DeadLetterReply } from '@plumbline/contracts';
import { type DeadLetter, deadLetterId, insertDeadLetters, migrate, Store } from '@plumbline/storage';
import { runCli } from '../support/cli.js';
import { StandaloneServer } from '../support/standalone-server.js';

const event = (id: string, extra: object = {}): string =>
  JSON.stringify({ model: 'letters', prediction_id: id, features: { x: 1 }, ...extra });

/** Letters as the ingester writes them. */
function letter(value: string | Buffer, index: number, change: Partial<DeadLetter> = {}): DeadLetter {
  return {
    kind: 'prediction',
    project: 'default',
    model: 'letters',
    predictionId: `id-${index}`,
    position: `0/${index}`,
    stage: 'store',
    reason: 'rejected_by_engine',
    detail: 'cannot parse',
    message: { value: Buffer.from(value), headers: {} },
    receivedAtMs: Date.now(),
    ...change,
  };
}

describe('dead letters', () => {
  let dataDir: string;
  let server: StandaloneServer;
  const replayable = [1, 2, 3].map((index) => letter(event(`id-${index}`), index));
  const hopeless = letter(Buffer.from([0xff, 0x00]), 4, { reason: 'not_json', model: '' });

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-letters-'));
    const store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, Date.now());
    await insertDeadLetters(store, [...replayable, hopeless], Date.now());
    await store.close();
    server = await StandaloneServer.start({ dataDir });
  }, 180_000);
  afterAll(async () => {
    await StandaloneServer.killAll();
    await rm(dataDir, { recursive: true, force: true });
  });

  const plumbline = (...args: string[]) => runCli(server.url, 'dead-letters', ...args);
  const json = async <T>(...args: string[]): Promise<T> => JSON.parse((await plumbline(...args, '--json')).stdout) as T;
  const predictions = async (): Promise<number> => {
    const reply = await server.get<{ items: { predictions: number }[] }>('/v1/models/letters/versions');
    return reply.items[0]?.predictions ?? 0;
  };

  it('are listed, shown, replayed and discarded from the command line', async () => {
    const id = deadLetterId(hopeless);
    expect(await json<DeadLetterReply[]>('list')).toHaveLength(4);
    expect((await plumbline('list', '--reason', 'not_json')).stdout).toContain(id);
    expect(await json<DeadLetterDetailReply>('show', id)).toMatchObject({ encoding: 'base64', payload: '/wA=' });
    expect((await plumbline('show', deadLetterId(replayable[0]!))).stdout).toContain(event('id-1'));
    expect(await plumbline('show', 'nothing')).toMatchObject({ code: 1 });

    const replayed = await plumbline('replay', '--all');
    expect(replayed.code).toBe(1);
    expect(replayed.stdout).toMatch(/^3 replayed, 1 stay open\n.*not_json/);
    expect(await predictions()).toBe(3);

    expect((await plumbline('discard', '--model', 'letters')).stdout).toBe('0 discarded\n');
    expect(await json<DeadLetterActionReply>('discard', id)).toMatchObject({ changed: 1, unchanged: 0 });
    expect(await json<DeadLetterReply[]>('list', '--state', 'open')).toEqual([]);
    expect(await json<DeadLetterReply[]>('list')).toHaveLength(4);
  }, 180_000);

  it('are counted once, however often they are replayed', async () => {
    const ids = replayable.map(deadLetterId);
    expect(await json<DeadLetterActionReply>('replay', ...ids)).toMatchObject({ changed: 0, unchanged: 3 });
    // What the same client sends again is known as well.
    await server.post('/v1/predictions', `[${event('id-1')},${event('id-2')}]`);
    const verified = await server.post('/v1/models/letters/cells/verify', {});
    expect(await verified.json()).toMatchObject({ predictions: 3, mismatches: 0 });
  }, 180_000);

  it.each([[['replay']], [['discard', 'x', '--all']], [['discard', '--all', '--model', 'letters']]])(
    'are meant in one way only: %j',
    async (args) => {
      expect(await plumbline(...args)).toMatchObject({ code: 2, stderr: expect.stringContaining('--all') as string });
    },
  );
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { insertReconciliation, migrate, Store } from '@plumbline/storage';
import { StreamUnavailableError } from '@plumbline/stream';
import { BrokerStream } from '../../../test/support/broker-stream.js';
import { Settlement } from './settlement.js';

const [a, b] = [
  { project: 'p', model: 'a' },
  { project: 'p', model: 'b' },
];

describe('Settlement, where the ingester is another process', () => {
  let dataDir: string;
  let store: Store;
  let broker: BrokerStream;
  let settlement: Settlement;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-settlement-'));
    store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, Date.now());
  });
  beforeEach(() => {
    broker = new BrokerStream();
    settlement = new Settlement(store, broker);
  });
  afterAll(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  const requestOf = (model: string): string =>
    (broker.kept as { model: string; requestId: string }[]).find((each) => each.model === model)!.requestId;

  it('is asked for at once and found later, as of the moment it was asked for', async () => {
    expect(await settlement.askNow(a)).toBe(false);
    expect(settlement.of('p/a')).toBeUndefined();
    await settlement.ask([a, b], 5);
    expect([settlement.waiting, settlement.of('p/a')]).toEqual([true, 'under way']);
    // Now, because an old row leaves by TTL as soon as the engine merges.
    await insertReconciliation(store, a, requestOf('a'), Date.now());
    await settlement.look();
    expect(settlement.of('p/a')).toMatchObject({ askedAtMs: 5 });
    expect(settlement.of('p/b')).toBe('under way');
    settlement.forget('p/a');
    expect(settlement.of('p/a')).toBeUndefined();
    expect(settlement.waiting).toBe(true);
  });

  it('is forgotten with a model that has become another’s', async () => {
    await settlement.ask([a, b], 5);
    settlement.keep(new Set(['p/b']));
    expect([settlement.of('p/a'), settlement.of('p/b')]).toEqual([undefined, 'under way']);
  });

  it('is not under way when nobody took the request', async () => {
    broker.away = true;
    await expect(settlement.ask([a], 5)).rejects.toThrow(StreamUnavailableError);
    expect(settlement.waiting).toBe(false);
  });
});

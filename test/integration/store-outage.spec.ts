import { describeWithKafka } from '../support/kafka-broker.js';
import { type OutageOptions, StoreOutage } from '../support/store-outage.js';
import { until } from '../support/until.js';

const MEBIBYTE = 1024 * 1024;
const PATIENCE_MS = 180_000;
const TEST_MS = 600_000;
/** Above what a process has when idle, and far below what is offered while the store is away. */
const MEMORY_CAP = 640 * MEBIBYTE;
const QUEUE_BYTES = 8 * MEBIBYTE;
const LOAD = { batch: 500, features: 100 } as const;

/** invariants 1, 2 and 12 */
describe('the store away and slow, under load', () => {
  let outage: StoreOutage | undefined;
  afterEach(async () => {
    await outage?.stop();
    outage = undefined;
  }, TEST_MS);

  const start = async (options: Omit<OutageOptions, 'batch' | 'features'>): Promise<StoreOutage> => {
    outage = await StoreOutage.start({ ...LOAD, ...options });
    outage.send();
    return outage;
  };
  const acknowledges = async (service: StoreOutage, events: number): Promise<void> => {
    const wanted = service.acknowledged + events;
    await until(
      `${events} more events acknowledged`,
      () => (service.acknowledged >= wanted ? true : undefined),
      PATIENCE_MS,
    );
  };
  /** Everything that was ever sent is stored once, in raw rows and in cells. */
  const expectAllStoredOnce = async (service: StoreOutage): Promise<void> => {
    const sent = await service.finish();
    await until(
      'all of it stored',
      async () => ((await service.stored()).rows === sent ? true : undefined),
      PATIENCE_MS,
    );
    await until(
      'all of it counted',
      async () => ((await service.stored()).counted >= sent ? true : undefined),
      PATIENCE_MS,
    );
    expect(await service.stored()).toEqual({ rows: sent, counted: sent, sameIds: true });
    expect(await service.mismatches()).toBe(0);
    for (const bytes of Object.values(service.peakBytes())) expect(bytes).toBeLessThan(MEMORY_CAP);
  };

  /** No other answers than these; a connection may be lost when both sides end it at one moment, and the client sends again. */
  const expectOnly = ({ statuses }: StoreOutage, allowed: readonly string[]): void => {
    expect([...allowed, 'lost']).toEqual(expect.arrayContaining(Object.keys(statuses)));
  };

  it(
    'standalone refuses what finds no room, with the time to come again, and has everything afterwards',
    async () => {
      const service = await start({
        topology: 'standalone',
        // More at once than the queue takes.
        connections: 16,
        env: { PLUMBLINE_STREAM_MAX_QUEUE_BYTES: String(QUEUE_BYTES), PLUMBLINE_HTTP_REQUEST_TIMEOUT: '4s' },
      });
      await acknowledges(service, 2_000);
      await service.proxy.refuse();
      const { statuses } = service;
      await until(
        'both refusals',
        () => ((statuses['429'] ?? 0) >= 20 && (statuses['503'] ?? 0) >= 5 ? true : undefined),
        PATIENCE_MS,
      );
      await service.proxy.accept();
      service.proxy.set({ kind: 'delay', ms: 200 });
      await acknowledges(service, 4_000);
      service.proxy.set({ kind: 'none' });
      await expectAllStoredOnce(service);
      expectOnly(service, ['200', '429', '503']);
      expect(service.refusalsWithoutTime).toBe(0);
      expect(service.peakQueuedBytes).toBeLessThanOrEqual(QUEUE_BYTES);
    },
    TEST_MS,
  );

  const describeSplit = describeWithKafka();
  describeSplit('with a broker between', () => {
    it(
      'intake goes on, the broker keeps the backlog, the ingester stays small, and has everything afterwards',
      async () => {
        const service = await start({
          topology: 'distributed',
          connections: 4,
          env: { PLUMBLINE_KAFKA_MAX_FETCHED_BYTES: String(QUEUE_BYTES) },
        });
        await until(
          'the first events in the store',
          async () => ((await service.stored()).counted > 0 ? true : undefined),
          PATIENCE_MS,
        );
        await service.proxy.refuse();
        // 60 MB of JSON.
        await acknowledges(service, 25_000);
        await service.proxy.accept();
        service.proxy.set({ kind: 'delay', ms: 200 });
        await acknowledges(service, 4_000);
        service.proxy.set({ kind: 'none' });
        await expectAllStoredOnce(service);
        expectOnly(service, ['202', '429', '503']);
        expect(service.peakQueuedBytes).toBeLessThanOrEqual(2 * QUEUE_BYTES);
      },
      TEST_MS,
    );
  });
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DeadLetter, insertDeadLetters, migrate, Store } from '@plumbline/storage';
import { z } from 'zod';
import type { SentPoison } from '../kafka-sender.js';
import { Traffic } from '../traffic.js';
import { judgeDeadLetters } from './judge-dead-letters.js';
import { PROJECT } from './read-rows.js';

const START_MS = Date.UTC(2026, 0, 1);
const traffic = new Traffic({ seed: 7, startMs: START_MS, hours: 1, eventsPerHour: 10 });
const TOPIC = 'plumbline.predictions';

const poison = (number: number, acknowledged = true): SentPoison => ({
  token: `poison-${number}`,
  topic: TOPIC,
  acknowledged,
});

const forget = { name: 'forget dead letters', sql: 'DELETE FROM dead_letter WHERE 1', params: z.object({}) };

describe('judgeDeadLetters', () => {
  let dataDir: string;
  let store: Store;
  let position = 0;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-judge-'));
    store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, START_MS);
  });
  afterAll(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });
  beforeEach(async () => {
    await store.command(forget, {}, `forget ${position}`);
  });

  const letter = (payload: string | Buffer, change: Partial<DeadLetter> = {}): DeadLetter => ({
    ...{ kind: 'prediction', project: PROJECT, model: '', predictionId: '', position: `0/${position++}` },
    ...{ stage: 'decode', reason: 'not_json', detail: 'is not JSON', receivedAtMs: START_MS },
    message: { value: Buffer.from(payload), headers: {} },
    ...change,
  });
  const judged = async (letters: readonly DeadLetter[], sent: readonly SentPoison[]): Promise<readonly string[]> => {
    await insertDeadLetters(store, letters, START_MS);
    const found: string[] = [];
    await judgeDeadLetters(store, sent, { check: (_name, problems) => void found.push(...problems) });
    return found;
  };

  it('finds nothing wrong with one letter for each message that is no event, readable or not', async () => {
    const binary = Buffer.concat([Buffer.from([0xff, 0x00]), Buffer.from('poison-2')]);
    const written = letter('{"poison-1":');
    // Written twice is written once; what had no answer may be there or not.
    const found = await judged(
      [written, written, letter(binary), letter('poison-3')],
      [1, 2].map((n) => poison(n)).concat(poison(3, false), poison(4, false)),
    );
    expect(found).toEqual([]);
  });

  it('finds a message that became none, or two', async () => {
    const found = await judged([letter('poison-1'), letter('poison-1')], [poison(1), poison(2)]);
    expect(found).toEqual([`poison-1 in ${TOPIC} became 2 dead letters`, `poison-2 in ${TOPIC} became 0 dead letters`]);
  });

  it('finds one that was never sent, and one in another topic', async () => {
    const found = await judged([letter('poison-7'), letter('poison-8', { kind: 'label' })], [poison(8)]);
    expect([...found].sort()).toEqual(
      [
        `${TOPIC}/poison-7 is a dead letter and was never sent`,
        'plumbline.labels/poison-8 is a dead letter and was never sent',
        `poison-8 in ${TOPIC} became 0 dead letters`,
      ].sort(),
    );
  });

  it('finds events that were set aside, whatever the reason', async () => {
    const { id } = traffic.prediction(0, 1);
    const event = { model: 'plain', predictionId: id, stage: 'store' as const };
    const found = await judged(
      [
        letter('{}', { ...event, reason: 'too_far_in_the_future' }),
        letter('{}', { ...event, reason: 'rejected_by_engine' }),
      ],
      [],
    );
    expect(found).toHaveLength(2);
    expect(found.join()).toContain(`plain/${id}) was set aside: too_far_in_the_future`);
    expect(found.join()).toContain(`plain/${id}) was set aside: rejected_by_engine`);
  });
});

import { configurationSchema, IntakeContexts, parsePrediction, type PredictionEvent } from '@plumbline/contracts';
import { MAX_LISTED_REJECTIONS, readEvents, type ReadEvents } from './read-events.js';

const NOW_MS = Date.UTC(2026, 0, 15, 12);
const context = new IntakeContexts(configurationSchema.parse({}), String).create('p', NOW_MS, () => true);

const predictions = (...lines: string[]): Promise<ReadEvents<PredictionEvent>> =>
  readEvents(
    lines.map((line) => Buffer.from(line)),
    parsePrediction,
    context,
  );
const prediction = (extra: object): string =>
  JSON.stringify({ model: 'loan', prediction_id: 'a', features: {}, ...extra });

describe('readEvents', () => {
  it('gives each event with the bytes it was read from', async () => {
    const line = prediction({ features: { word: 'ü' } });
    expect((await predictions(line)).events[0]!.bytes.toString()).toBe(line);
  });

  it('counts refused events by reason, and lists up to 1 000 with their place', async () => {
    const { events, rejected, rejectedByReason } = await predictions(
      prediction({}),
      'x',
      ...Array.from({ length: 4_500 }, () => '{}'),
    );
    expect(events).toHaveLength(1);
    expect(rejected).toHaveLength(MAX_LISTED_REJECTIONS);
    expect(rejected.slice(0, 2)).toMatchObject([
      { index: 1, reason: 'not_json' },
      { index: 2, reason: 'missing' },
    ]);
    expect([...rejectedByReason]).toEqual([
      ['not_json', 1],
      ['missing', 4_500],
    ]);
  });
});

import { configurationSchema, IntakeContexts, parsePrediction, type PredictionEvent } from '@plumbline/contracts';
import { readEvents } from './read-events.js';
import { MAX_LISTED_REJECTIONS } from './rejections.js';

const NOW_MS = Date.UTC(2026, 0, 15, 12);
const context = new IntakeContexts(configurationSchema.parse({}), String).create('p', NOW_MS, () => true);

async function predictions(...lines: string[]) {
  const events: { event: PredictionEvent; bytes: Buffer }[] = [];
  const rejections = await readEvents(
    lines.map((line) => Buffer.from(line)),
    parsePrediction,
    context,
    { add: (event, bytes) => events.push({ event, bytes }) },
  );
  return { events, rejections };
}
const prediction = (extra: object): string =>
  JSON.stringify({ model: 'loan', prediction_id: 'a', features: {}, ...extra });

describe('readEvents', () => {
  it('gives each event with the bytes it was read from', async () => {
    const line = prediction({ features: { word: 'ü' } });
    expect((await predictions(line)).events[0]!.bytes.toString()).toBe(line);
  });

  it('reads no event again that was taken from its bytes', async () => {
    const added: PredictionEvent[] = [];
    const lines = [prediction({}), 'x', prediction({ prediction_id: 'b' })].map((line) => Buffer.from(line));
    const rejections = await readEvents(lines, parsePrediction, context, {
      addPlain: (bytes) => bytes === lines[0],
      add: (event) => added.push(event),
    });
    expect(added.map(({ predictionId }) => predictionId)).toEqual(['b']);
    expect(rejections.listed).toMatchObject([{ index: 1, reason: 'not_json' }]);
  });

  it('counts refused events by reason, and lists up to 1 000 with their place', async () => {
    const { events, rejections } = await predictions(prediction({}), 'x', ...Array.from({ length: 4_500 }, () => '{}'));
    expect(events).toHaveLength(1);
    expect(rejections.count).toBe(4_501);
    expect(rejections.listed).toHaveLength(MAX_LISTED_REJECTIONS);
    expect(rejections.listed.slice(0, 2)).toMatchObject([
      { index: 1, reason: 'not_json' },
      { index: 2, reason: 'missing' },
    ]);
    expect([...rejections.byReason]).toEqual([
      ['not_json', 1],
      ['missing', 4_500],
    ]);
  });
});

import { Traffic } from '../traffic.js';
import { comparePredictions, type StoredRow } from './judge-predictions.js';

const traffic = new Traffic({ seed: 7, startMs: Date.UTC(2026, 0, 1), hours: 2, eventsPerHour: 10 });
const issued = Array.from({ length: 20 }, (_, index) => traffic.prediction(1, index));
const all = () => ({ sent: true, acknowledged: true });

/** The rows that a service without faults would hold. */
const rows = issued.map((facts): StoredRow => {
  const valid = Object.entries(facts.features).filter(([, value]) => value !== null && value !== 'n/a');
  return {
    id: facts.id,
    version: facts.version,
    timestampMs: facts.timestampMs!,
    label: facts.label ?? '',
    score: facts.score ?? null,
    latencyMs: facts.latencyMs ?? null,
    error: facts.error,
    features: Object.fromEntries(valid.map(([name, value]) => [name, String(value)])),
    invalid: facts.features.income === 'n/a' ? ['income'] : [],
    segments: facts.country === 'DE' ? ['germany'] : [],
    sampleWeight: facts.sampleRate === undefined ? 1 : 4,
  };
});
const compare = (stored: readonly StoredRow[], state: typeof all | ((index: number) => ReturnType<typeof all>) = all) =>
  comparePredictions(stored, issued, state, 'germany');

describe('comparePredictions', () => {
  it('finds nothing wrong with what was sent', () => {
    expect(compare(rows)).toEqual({ lost: [], foreign: [], double: [], altered: [] });
  });

  it('finds one that was acknowledged and is gone, and forgives one that was not acknowledged', () => {
    const state = (index: number) => ({ sent: true, acknowledged: index !== 3 });
    const without = rows.filter((_, index) => index !== 3 && index !== 4);
    expect(compare(without, state)).toMatchObject({ lost: [issued[4]!.id] });
  });

  it('finds what is stored twice', () => {
    expect(compare([...rows, rows[5]!])).toMatchObject({ double: [issued[5]!.id] });
  });

  it('finds what was never sent', () => {
    const state = (index: number) => ({ sent: index !== 6, acknowledged: index !== 6 });
    const stranger = { ...rows[0]!, id: 'stranger' };
    expect(compare([...rows, stranger], state).foreign.sort()).toEqual([issued[6]!.id, 'stranger'].sort());
  });

  it.each<[string, Partial<StoredRow>]>([
    ['timestamp', { timestampMs: 0 }],
    ['version', { version: '9' }],
    ['sample_weight', { sampleWeight: 3 }],
    ['label', { label: '7' }],
    ['score', { score: 0.123 }],
    ['income', { features: { ...rows[8]!.features, income: '0' } }],
    ['invalid age', { invalid: ['age'] }],
    ['segments', { segments: ['france'] }],
  ])('finds another %s', (name, change) => {
    const { altered } = compare(rows.map((row, index) => (index === 8 ? { ...row, ...change } : row)));
    expect(altered).toHaveLength(1);
    expect(altered[0]).toContain(`${issued[8]!.id}: ${name} is`);
  });
});

import type { StoredMessage } from '@plumbline/stream';
import { tickCodec, transitionCodec } from './json-codec.js';

const message = (text: string | null): StoredMessage => ({
  topic: 'plumbline.ticks',
  partition: 3,
  offset: '7',
  timestampMs: 0,
  key: null,
  value: text === null ? null : Buffer.from(text),
  headers: {},
});
const tick = {
  type: 'evaluation',
  project: 'p',
  model: 'm',
  evaluationId: 'e',
  request: { model: 'm', from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z', every: '1d' },
  requestedAtMs: 5,
} as const;

describe('codecs of ticks and transitions', () => {
  it('give back what they were given', () => {
    expect(tickCodec.decode(message(tickCodec.encode(tick).value.toString()))).toEqual(tick);
    const action = { alertId: 'a', actionId: 'b', action: 'acknowledge' } as const;
    for (const wake of [
      { project: 'p', model: 'm' },
      { project: 'p', model: '' },
      { project: 'p', model: 'm', action },
    ])
      expect(transitionCodec.decode(message(transitionCodec.encode(wake).value.toString()))).toEqual(wake);
  });

  it.each([
    ['a tombstone', null],
    ['nothing', ''],
    ['no JSON', '{'],
    ['null', 'null'],
    ['another shape', '{"type":"evaluation","project":"p"}'],
    ['a member too many', JSON.stringify({ ...tick, admin: true })],
    ['a range that is none', JSON.stringify({ ...tick, request: { ...tick.request, from: 'yesterday' } })],
  ])('make a record that says so of %s', (_name, text) => {
    const where = expect.stringContaining('partition 3, offset 7: ') as string;
    expect(tickCodec.decode(message(text))).toEqual({ type: 'unreadable', detail: where });
    expect(transitionCodec.decode(message(text))).toEqual({ project: '', model: '', unreadable: where });
  });
});

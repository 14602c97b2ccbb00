import { reopenedWindows } from './reopened-windows.js';

const evaluated = [0, 10, 20].map((startMs) => ({ startMs, endMs: startMs + 10, evaluatedAtMs: 100 }));

describe('reopenedWindows', () => {
  it.each([
    ['nothing came', [], []],
    ['data that came before the evaluation', [{ startMs: 10, endMs: 20, touchedAtMs: 90 }], []],
    ['data that came after it', [{ startMs: 10, endMs: 20, touchedAtMs: 101 }], [10]],
    ['data that came just before it', [{ startMs: 10, endMs: 20, touchedAtMs: 96 }], [10]],
    ['data that touches two windows', [{ startMs: 15, endMs: 25, touchedAtMs: 101 }], [10, 20]],
    ['data of other windows', [{ startMs: 30, endMs: 40, touchedAtMs: 101 }], []],
  ])('%s', (_, touches, starts) => {
    expect(reopenedWindows(evaluated, touches, 5).map(({ startMs }) => startMs)).toEqual(starts);
  });
});

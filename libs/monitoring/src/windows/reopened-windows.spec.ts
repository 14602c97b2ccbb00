import { reopenedWindows } from './reopened-windows.js';

const evaluated = [0, 10, 20].map((startMs) => ({
  startMs,
  endMs: startMs + 10,
  dataStartMs: startMs,
  evaluatedAtMs: 100,
}));

describe('reopenedWindows', () => {
  it.each([
    ['nothing came', [], []],
    ['data that came before the evaluation', [{ startMs: 10, endMs: 20, touchedAtMs: 90 }], []],
    ['data that came after it', [{ startMs: 10, endMs: 20, touchedAtMs: 101 }], [10]],
    ['data that came just before it', [{ startMs: 10, endMs: 20, touchedAtMs: 96 }], [10]],
    ['data that touches two windows', [{ startMs: 15, endMs: 25, touchedAtMs: 101 }], [10, 20]],
    ['data of other windows', [{ startMs: 30, endMs: 40, touchedAtMs: 101 }], []],
    [
      'short data after long data',
      [
        { startMs: 21, endMs: 22, touchedAtMs: 101 },
        { startMs: 0, endMs: 15, touchedAtMs: 101 },
      ],
      [0, 10, 20],
    ],
  ])('%s', (_, touches, starts) => {
    expect(reopenedWindows(evaluated, touches, 5).map(({ window }) => window.startMs)).toEqual(starts);
  });

  it('opens a window again for data from before its start that it was judged by', () => {
    const widened = [{ ...evaluated[2]!, dataStartMs: 0 }];
    const touch = { startMs: 0, endMs: 5, touchedAtMs: 101 };
    expect(reopenedWindows(widened, [touch], 5)).toEqual([{ window: widened[0], touches: [touch] }]);
    expect(reopenedWindows([evaluated[2]!], [touch], 5)).toEqual([]);
  });

  it('says which of the data came after the evaluation', () => {
    const late = { startMs: 3, endMs: 4, touchedAtMs: 120 };
    const known = { startMs: 4, endMs: 5, touchedAtMs: 80 };
    expect(reopenedWindows(evaluated, [known, late], 5)).toEqual([{ window: evaluated[0], touches: [late] }]);
  });
});

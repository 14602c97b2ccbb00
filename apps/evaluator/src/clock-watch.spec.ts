import { createLogger } from '@plumbline/telemetry';
import { ClockWatch } from './clock-watch.js';

const NOW_MS = Date.UTC(2026, 5, 2);

describe('ClockWatch', () => {
  const lines: string[] = [];
  const logger = createLogger({
    level: 'info',
    format: 'json',
    destination: { write: (line) => void lines.push(line) },
  });
  beforeEach(() => lines.splice(0));

  it('is silent about marks of the past and of the next minute', () => {
    const watch = new ClockWatch(logger);
    watch.look([], NOW_MS);
    watch.look([{ touchedAtMs: NOW_MS - 1 }, { touchedAtMs: NOW_MS + 60_000 }], NOW_MS);
    expect(lines).toEqual([]);
  });

  it('says how far ahead marks are, and not again before ten minutes have passed', () => {
    const watch = new ClockWatch(logger);
    const marks = [{ touchedAtMs: NOW_MS + 3_600_000 }, { touchedAtMs: NOW_MS }];
    watch.look(marks, NOW_MS);
    watch.look(marks, NOW_MS + 15_000);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({ level: 'error', ahead_s: 3600 });
    watch.look(marks, NOW_MS + 600_000);
    expect(lines).toHaveLength(2);
  });
});

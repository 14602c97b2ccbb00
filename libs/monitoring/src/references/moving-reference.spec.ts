import { type MovingReferenceDeclaration, referenceDeclarationSchema } from '@plumbline/contracts';
import { declarationOf, movingReferenceId, parseMovingReferenceId, periodsOf } from './moving-reference.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DAY_0_MS = Date.UTC(2026, 0, 1);
const span = (from: number, to: number) => ({ startMs: DAY_0_MS + from * DAY_MS, endMs: DAY_0_MS + to * DAY_MS });
const declared = (value: object) => referenceDeclarationSchema.parse(value) as MovingReferenceDeclaration;
const day = (index: number): string => new Date(DAY_0_MS + index * DAY_MS).toISOString();

describe('periodsOf', () => {
  it.each([
    ['rolling, by default 28 days', { kind: 'rolling' }, span(30, 31), [span(2, 30)]],
    ['rolling with a gap', { kind: 'rolling', length: '7d', gap: '1d' }, span(30, 31), [span(22, 29)]],
    ['rolling before widened data', { kind: 'rolling', length: '7d' }, span(28, 31), [span(21, 28)]],
    ['previous', { kind: 'previous' }, span(30, 31), [span(29, 30)]],
    ['previous of widened data is as long', { kind: 'previous' }, span(28, 31), [span(25, 28)]],
    ['seasonal, by default last week', { kind: 'seasonal' }, span(30, 31), [span(23, 24)]],
    ['three weeks', { kind: 'seasonal', count: 3 }, span(30, 31), [span(23, 24), span(16, 17), span(9, 10)]],
    ['data longer than a season', { kind: 'seasonal', period: '7d' }, span(22, 31), [span(8, 17)]],
    ['fixed', { kind: 'fixed', from: day(1), to: day(4) }, span(30, 31), [span(1, 4)]],
    ['a version in the same window', { kind: 'version', version: '3' }, span(30, 31), [span(30, 31)]],
    ['a version, longer', { kind: 'version', version: '3', length: '7d' }, span(30, 31), [span(24, 31)]],
  ])('%s', (_, declaration, data, periods) => {
    expect(periodsOf(declared(declaration), data)).toEqual(periods);
  });

  it('takes the last window of a version that was replaced', () => {
    const declaration = declared({ kind: 'version', version: '3', length: '2d' });
    expect(periodsOf(declaration, span(30, 31), DAY_0_MS + 20 * DAY_MS)).toEqual([span(18, 20)]);
  });

  it.each(['rolling', 'previous', 'seasonal'])('%s shares no instant with the data, however long that is', (kind) => {
    for (const days of [1, 3, 7, 9, 30]) {
      for (const period of periodsOf(declared({ kind }), span(100 - days, 100))) {
        expect(period.endMs).toBeLessThanOrEqual(DAY_0_MS + (100 - days) * DAY_MS);
      }
    }
  });
});

describe('an id', () => {
  const moving = {
    kind: 'seasonal',
    version: '2026.1',
    segment: '',
    periods: [span(23, 24), span(16, 17)],
    binsId: '0a1b',
  } as const;

  it('tells all about the reference', () => {
    const id = movingReferenceId(moving);
    expect(id).toBe('seasonal:2026.1:20260124T0000Z-20260125T0000Z+20260117T0000Z-20260118T0000Z:0a1b');
    expect(parseMovingReferenceId(id)).toEqual(moving);
  });

  it('may name a segment of any text', () => {
    const ofSegment = { ...moving, segment: 'land=Österreich:+/%' };
    const id = movingReferenceId(ofSegment);
    expect(parseMovingReferenceId(id)).toEqual(ofSegment);
    expect(new URL(`http://x/${id}`).pathname).toBe(`/${id}`);
  });

  it.each([
    '0a1b2c3d',
    'rolling:1:20260101T0000Z-20260102T0000Z',
    'rolling:1:20260102T0000Z-20260101T0000Z:a',
    'rolling:1:now-then:a',
    'uploaded:1:20260101T0000Z-20260102T0000Z:a',
    'rolling:1:20260101T0000Z-20260102T0000Z:a:%E0%A4%A',
    'rolling:1:20260101T0000Z-20260102T0000Z:a:b:c',
  ])('is none of a moving reference: %s', (id) => {
    expect(parseMovingReferenceId(id)).toBeUndefined();
  });

  it.each([
    { kind: 'rolling', length: '10080m', gap: '1440m' },
    { kind: 'rolling', length: '10080m' },
    { kind: 'previous' },
    { kind: 'seasonal', period: '10080m', count: 2 },
    { kind: 'fixed', from: day(1), to: day(4) },
    { kind: 'version', version: '3', length: '1440m' },
  ])('gives back the declaration: $kind', (value) => {
    const declaration = declared(value);
    const data = span(30, 31);
    const version = declaration.kind === 'version' ? declaration.version : '1';
    const id = movingReferenceId({
      kind: declaration.kind,
      version,
      segment: '',
      periods: periodsOf(declaration, data),
      binsId: 'a',
    });
    expect(declarationOf(parseMovingReferenceId(id)!, data.startMs)).toEqual(declaration);
  });
});

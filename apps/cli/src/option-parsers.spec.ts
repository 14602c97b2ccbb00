import { instantAt, instantOption, listOption, pairsOption } from './option-parsers.js';

it.each([
  ['2026-01-31', '2026-01-31T00:00:00.000Z'],
  ['2026-01-31T10:00', '2026-01-31T10:00:00.000Z'],
  ['2026-01-31 10:00:00', '2026-01-31T10:00:00.000Z'],
  ['2026-01-31T10:00:00+02:00', '2026-01-31T08:00:00.000Z'],
])('%s is the instant %s', (text, expected) => {
  expect(instantOption(text)).toBe(expected);
});

it.each([
  ['now', '2026-03-01T12:00:00.000Z', '2026-03-01T12:00:00.000Z'],
  ['now', '2026-03-01T12:00:59.999Z', '2026-03-01T12:00:00.000Z'],
  ['1h', '2026-03-01T12:00:30.000Z', '2026-03-01T11:00:00.000Z'],
  ['7d', '2026-03-01T12:00:30.000Z', '2026-02-22T12:00:00.000Z'],
])('%s at %s is the instant %s', (text, now, expected) => {
  expect(instantAt(text, Date.parse(now))).toBe(expected);
});

it.each(['0d', '5y'])('%s is no length of time', (text) => {
  expect(() => instantOption(text)).toThrow('is not a duration');
});

it.each(['yesterday', '31.1.2026', '2026-13-01', ''])('%j is no instant', (text) => {
  expect(() => instantOption(text)).toThrow('ISO 8601');
});

it('collects lists and pairs over repeated options', () => {
  expect(listOption('c', listOption('a, b'))).toEqual(['a', 'b', 'c']);
  expect(pairsOption('score=p=1', pairsOption('label=y'))).toEqual({ label: 'y', score: 'p=1' });
  expect(() => pairsOption('label')).toThrow('key=value');
});

import { columns, TEXT_COLUMNS, wrapText } from './wrap-text.js';

it('breaks between words, with a hanging indent', () => {
  const text = wrapText('word '.repeat(40), { first: '1. ', rest: '   ' });
  const lines = text.split('\n');
  expect(lines).toHaveLength(3);
  expect(lines.every((line) => columns(line) <= TEXT_COLUMNS)).toBe(true);
  expect(lines[0]!.startsWith('1. word')).toBe(true);
  expect(lines[1]!.startsWith('   word')).toBe(true);
});

it.each([
  ['a long word', 'x'.repeat(200)],
  ['wide characters', '模型'.repeat(60)],
  ['an emoji of several characters', '👩\u200d🔬'.repeat(50)],
])('breaks %s where it must, and loses nothing', (_, word) => {
  const lines = wrapText(word, { first: '- ', rest: '  ' }).split('\n');
  expect(lines.every((line) => columns(line) <= TEXT_COLUMNS)).toBe(true);
  expect(lines.map((line) => line.slice(2)).join('')).toBe(word);
});

it('gives one line for nothing', () => {
  expect(wrapText('', { first: '- ' })).toBe('- ');
});

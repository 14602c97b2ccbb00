import { plain, plainSentence } from './plain.js';

describe('plain', () => {
  it.each([
    ['leaves what is harmless', 'loan-risk v2 “é” 🧮', 'loan-risk v2 “é” 🧮'],
    ['makes one line of several', ' a\r\n b\t c\u2028d ', 'a b c d'],
    ['shows control characters', 'a\u0000b\u001b[31mc\u007f', 'a\ufffdb\ufffd[31mc\ufffd'],
    ['shows overrides of direction', 'gpj\u202etxt.exe\u2067\u200f', 'gpj\ufffdtxt.exe\ufffd\ufffd'],
    ['shows half a character', 'a\ud83d', 'a\ufffd'],
    ['shows invisible tags and a byte order mark', 'a\u{e0041}\ufeff.', 'a\ufffd .'],
    ['keeps the joiners of emoji and scripts', '👩\u200d🔬', '👩\u200d🔬'],
    ['isolates text from right to left', 'שלום 1', '\u2068שלום 1\u2069'],
    ['leaves markup to the escaping', '<script>', '<script>'],
  ])('%s', (_, text, expected) => {
    expect(plain(text)).toBe(expected);
  });

  it.each(['שלום 1', 'a\u202e\u0000b', ' x '.repeat(300), '\u2068a\u2069'])(
    'does nothing more to what is plain: %j',
    (text) => {
      expect(plain(plain(text))).toBe(plain(text));
    },
  );

  it('cuts by characters, not through one', () => {
    expect(plain('🧮'.repeat(300), 5)).toBe('🧮🧮🧮🧮…');
    expect(plain('abcde', 5)).toBe('abcde');
    expect(plain('x'.repeat(5_000_000), 10)).toBe('xxxxxxxxx…');
  });
});

it('keeps a sentence from left to right, whatever name it begins with', () => {
  expect(plainSentence('loan drifted')).toBe('loan drifted');
  expect(plainSentence('שלום drifted')).toBe('\u2066שלום drifted\u2069');
  expect(plainSentence(plainSentence('שלום drifted'))).toBe('\u2066שלום drifted\u2069');
});

/** Controls, bidirectional overrides, private use, unassigned, halves of characters: all but the joiners that scripts and emoji need. */
const UNSAFE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}]/gu;
const WHITE_SPACE = /[\s\u2028\u2029]+/gu;
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
/** Takes its direction from its first letter: for a name. */
const OWN_DIRECTION = '\u2068';
/** For a sentence of ours with names in it. */
const LEFT_TO_RIGHT = '\u2066';
const END_OF_ISOLATE = '\u2069';

/** Our own, and harmless alone: taken out, so that what was made plain before stays as it is. */
const ISOLATES = /[\u2066\u2068\u2069]/gu;

/**
 * Returns what a user typed as one line that can stand in any message: white space is one space, control and direction characters
 * are shown as U+FFFD instead of obeyed, text written from right to left is isolated from what stands around it.
 * @param maxCharacters beyond which it is cut, with an ellipsis
 */
export function plain(text: string, maxCharacters = 200): string {
  return isolated(text, maxCharacters, OWN_DIRECTION);
}

/** Returns a sentence of ours that names of users are part of, as plain does, but from left to right whatever it begins with. */
export function plainSentence(text: string, maxCharacters = 400): string {
  return isolated(text, maxCharacters, LEFT_TO_RIGHT);
}

function isolated(text: string, maxCharacters: number, isolate: string): string {
  // Twice the bound is looked at, so that a megabyte costs nothing.
  const line = text
    .slice(0, 2 * maxCharacters + 2)
    .replace(ISOLATES, '')
    .replace(WHITE_SPACE, ' ')
    .replace(UNSAFE, '\ufffd')
    .trim();
  const characters = [...line];
  const cut =
    characters.length <= maxCharacters && text.length <= 2 * maxCharacters + 2
      ? line
      : `${characters.slice(0, maxCharacters - 1).join('')}…`;
  return RIGHT_TO_LEFT.test(cut) ? `${isolate}${cut}${END_OF_ISOLATE}` : cut;
}

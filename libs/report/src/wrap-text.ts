const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const NO_WIDTH = /[\p{Mn}\u200c\u200d\u2066\u2068\u2069\ufe0f]/u;

export const TEXT_COLUMNS = 78;

export interface Indents {
  /** What the first line begins with, and the others. */
  readonly first?: string;
  readonly rest?: string;
}

/** Returns text in lines of at most 78 columns, broken between words; only a word that is longer than a line is broken itself. */
export function wrapText(text: string, { first = '', rest = '' }: Indents = {}): string {
  const lines: string[] = [];
  let line = '';
  let indent = first;
  const end = (): void => {
    lines.push(`${indent}${line}`);
    indent = rest;
    line = '';
  };
  for (const word of text.split(' ').filter((each) => each !== '')) {
    if (line !== '' && columns(`${indent}${line} ${word}`) > TEXT_COLUMNS) end();
    line = line === '' ? word : `${line} ${word}`;
    while (columns(`${indent}${line}`) > TEXT_COLUMNS) {
      const [head, tail] = splitAt(line, TEXT_COLUMNS - columns(indent));
      line = head;
      end();
      line = tail;
    }
  }
  if (line !== '' || lines.length === 0) end();
  return lines.join('\n');
}

/** Columns that text takes in a fixed-width font: two for wide characters, none for marks and joiners. */
export function columns(text: string): number {
  let count = 0;
  for (const character of text) count += WIDE.test(character) ? 2 : NO_WIDTH.test(character) ? 0 : 1;
  return count;
}

function splitAt(text: string, width: number): [string, string] {
  let taken = 0;
  let count = 0;
  for (const character of text) {
    // At least one character a line, or there would be no end.
    if (taken > 0 && count + columns(character) > width) break;
    count += columns(character);
    taken += character.length;
  }
  return [text.slice(0, taken), text.slice(taken)];
}

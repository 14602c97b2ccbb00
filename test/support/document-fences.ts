import { readFileSync } from 'node:fs';

/** A fenced block of a Markdown document. */
export interface Fence {
  /** As written after the opening fence; empty when nothing is. */
  readonly language: string;
  readonly code: string;
  /** Of the opening fence, counted from 1. */
  readonly line: number;
  /** The nearest heading above it. */
  readonly heading: string;
  /** What a comment `<!-- test: … -->` in the line above says of it. Readers of the page do not see it. */
  readonly note: string | undefined;
}

/**
 * Returns the fenced blocks of a Markdown document in their order.
 * @throws Error naming document and line when a fence is not closed, or a comment for the test stands above no fence
 */
export function fencesOf(path: string): Fence[] {
  return parseFences(readFileSync(path, 'utf8'), path);
}

/** The same, of its text. */
export function parseFences(text: string, name: string): Fence[] {
  const fences: Fence[] = [];
  let heading = '';
  let note: string | undefined;
  let open: { readonly language: string; readonly line: number; readonly code: string[] } | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const at = `${name}:${index + 1}`;
    if (open !== undefined) {
      if (line === '```') {
        fences.push({ language: open.language, code: open.code.join('\n'), line: open.line, heading, note });
        open = note = undefined;
      } else open.code.push(line);
      continue;
    }
    const fence = /^```(\S*)$/.exec(line);
    const comment = /^<!-- test: (.+) -->$/.exec(line);
    if (note !== undefined && fence === null)
      throw new Error(`${at}: the comment above is for a fence, which must follow it`);
    if (fence !== null) open = { language: fence[1]!, line: index + 1, code: [] };
    else if (comment !== null) note = comment[1]!;
    else heading = /^#+ (.+)$/.exec(line)?.[1] ?? heading;
  }
  if (open !== undefined) throw new Error(`${name}:${open.line}: this fence is not closed`);
  return fences;
}

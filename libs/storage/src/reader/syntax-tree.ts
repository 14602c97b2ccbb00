/** A node of a statement as the engine has parsed it. */
export interface SyntaxNode {
  /** As in SelectQuery, Function, TableIdentifier. */
  readonly type: string;
  /** Name of the function or the table, the literal, …; with its alias. */
  readonly detail: string;
  readonly children: readonly SyntaxNode[];
}

const LINE = /^( *)([A-Za-z]+(?:::[A-Za-z]+)*)(?: (.*?))?(?: ?\(children (\d+)\))?$/;

/**
 * Reads what `EXPLAIN AST` prints. Names are printed as they are, so that one with a line break could look like nodes of its own:
 * depth and number of children of every node must fit.
 * @throws RangeError when they do not
 */
export function parseSyntaxTree(text: string): SyntaxNode {
  const lines = text.replace(/\n+$/, '').split('\n');
  let next = 0;
  const read = (depth: number): SyntaxNode => {
    const match = LINE.exec(lines[next++] ?? '');
    if (match === null || match[1]!.length !== depth) throw new RangeError('names in the statement hold line breaks');
    const children = Array.from({ length: Number(match[4] ?? 0) }, () => read(depth + 1));
    return { type: match[2]!, detail: match[3] ?? '', children };
  };
  const root = read(0);
  if (next !== lines.length) throw new RangeError('names in the statement hold line breaks');
  return root;
}

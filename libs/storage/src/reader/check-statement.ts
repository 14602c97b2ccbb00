import type { SyntaxNode } from './syntax-tree.js';

/** What a statement of a reader may name. */
export interface ReadingRules {
  readonly database: string;
  readonly tables: ReadonlySet<string>;
  /** Tables of the engine about tables, columns and so on, as in `system.columns`: of these a reader sees what its grants allow. */
  readonly systemTables: ReadonlySet<string>;
  readonly tableFunctions: ReadonlySet<string>;
  /** Whether a function only computes, by its name in lower case. */
  readonly isHarmless: (name: string) => boolean;
}

/** Nodes that are parts of a SELECT and can do nothing but name, compute and arrange. What is not listed is refused. */
const NODES = new Set([
  'SelectWithUnionQuery',
  'SelectQuery',
  'SelectIntersectExceptQuery',
  'ExpressionList',
  'Identifier',
  'Literal',
  'Asterisk',
  'QualifiedAsterisk',
  'Subquery',
  'WithElement',
  'TablesInSelectQuery',
  'TablesInSelectQueryElement',
  'TableJoin',
  'ArrayJoin',
  'OrderByElement',
  'InterpolateElement',
  'SampleRatio',
  'WindowDefinition',
  'WindowListElement',
  'ColumnsTransformerList',
  'ColumnsExceptTransformer',
  'ColumnsReplaceTransformer',
  'ColumnsReplaceTransformer::Replacement',
  'ColumnsRegexpMatcher',
  'ColumnsListMatcher',
  'QualifiedColumnsRegexpMatcher',
  'QualifiedColumnsListMatcher',
]);

/** `x IN table` names a table where otherwise columns stand. */
const MEMBERSHIP = /^(global)?(not)?(null)?in(ignoreset)?$/i;

/**
 * Says in a sentence why a reader may not run a statement; undefined when it may. The engine's grants refuse what is written or
 * read elsewhere by table functions; this refuses what grants do not cover: settings inside the statement, files written by
 * the client side of the engine, functions that read files, call out or log, and the engine's own tables.
 */
export function refusalOf(root: SyntaxNode, rules: ReadingRules): string | undefined {
  switch (root.type) {
    case 'SelectWithUnionQuery':
      // Its own children after the list of SELECTs are: a file to write to, settings, the format.
      if (root.children.some(({ type }, i) => i > 0 && type === 'Literal')) return 'INTO OUTFILE is not for readers';
      return refusalIn(root, rules);
    case 'ShowTables':
      return root.children.every(({ type }) => type === 'Identifier') ? undefined : 'INTO OUTFILE is not for readers';
    case 'DescribeQuery': {
      const [table, ...rest] = root.children;
      if (rest.some(({ type }) => type !== 'Identifier')) return 'DESCRIBE takes a table and nothing else';
      return firstRefusal(table === undefined ? [] : [table], rules);
    }
    default:
      return `a reader may SELECT, DESCRIBE a table, SHOW TABLES and SHOW DATABASES, and nothing else (this is ${root.type})`;
  }
}

function refusalIn(node: SyntaxNode, rules: ReadingRules): string | undefined {
  return refusalOfNode(node, rules) ?? firstRefusal(node.children, rules);
}

function firstRefusal(nodes: readonly SyntaxNode[], rules: ReadingRules): string | undefined {
  for (const node of nodes) {
    const refusal = node.type === 'TableExpression' ? refusalOfSource(node, rules) : refusalIn(node, rules);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function refusalOfNode(node: SyntaxNode, rules: ReadingRules): string | undefined {
  switch (node.type) {
    case 'Set':
      return 'SETTINGS are fixed for readers: leave them out';
    case 'Function': {
      const name = nameOf(node);
      if (!rules.isHarmless(name)) return `the function ${name} is not for readers`;
      const [, set] = node.children[0]?.children ?? [];
      if (MEMBERSHIP.test(name) && set?.type === 'Identifier')
        return `write IN (SELECT … FROM ${nameOf(set)}) instead of IN ${nameOf(set)}`;
      return undefined;
    }
    case 'TableIdentifier':
      return refusalOfTable(nameOf(node), rules);
    default:
      return NODES.has(node.type) ? undefined : `${node.type} is not for readers`;
  }
}

/** A Function right below a TableExpression is a table function; everywhere else it is one of columns. */
function refusalOfSource({ children }: SyntaxNode, rules: ReadingRules): string | undefined {
  const [source, ...rest] = children;
  if (source?.type !== 'Function') return firstRefusal(children, rules);
  if (!rules.tableFunctions.has(nameOf(source).toLowerCase()))
    return `the table function ${nameOf(source)} is not for readers`;
  return firstRefusal([...source.children, ...rest], rules);
}

function refusalOfTable(name: string, { database, tables, systemTables }: ReadingRules): string | undefined {
  const dot = name.indexOf('.');
  // An unqualified name is one of WITH, or a table that the grants decide about.
  if (dot < 0) return undefined;
  if (systemTables.has(name)) return undefined;
  if (name.slice(0, dot) === database && tables.has(name.slice(dot + 1))) return undefined;
  return `the table ${name} is not for readers`;
}

function nameOf({ detail }: SyntaxNode): string {
  return detail.replace(/ \(alias .*\)$/, '');
}

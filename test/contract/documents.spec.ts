import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import ts from 'typescript';
import { parseAllDocuments } from 'yaml';
import { checkDocument } from '../../apps/cli/src/configuration-files/check-document.js';
import { runProgram } from '../../apps/cli/src/program.js';
import { type Fence, fencesOf } from '../support/document-fences.js';

const ROOT = resolve(import.meta.dirname, '../..');
const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'sdk/python/README.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
].sort();

/** Blocks of a language in the documents whose path matches, each with a name that finds it. */
function blocks(language: string, path = /./): (readonly [string, Fence])[] {
  return documents
    .filter((document) => path.test(document))
    .flatMap((document) => fencesOf(join(ROOT, document)).map((fence) => [`${document}:${fence.line}`, fence] as const))
    .filter(([, fence]) => fence.language === language);
}

describe('links', () => {
  const anchorsByFile = new Map<string, ReadonlySet<string>>();
  const anchorsOf = (file: string): ReadonlySet<string> => {
    const known = anchorsByFile.get(file) ?? headingAnchors(readFileSync(file, 'utf8'));
    anchorsByFile.set(file, known);
    return known;
  };

  it.each(documents)('of %s lead somewhere', (document) => {
    const file = join(ROOT, document);
    const broken = linksOf(readFileSync(file, 'utf8')).filter((link) => {
      if (/^(?:https?|mailto):/.test(link)) return !URL.canParse(link);
      const [path, anchor] = link.split('#') as [string, string | undefined];
      const target = path === '' ? file : resolve(dirname(file), path);
      return !existsSync(target) || (anchor !== undefined && !anchorsOf(target).has(anchor));
    });
    expect(broken).toEqual([]);
  });

  it('are told from what looks like one', () => {
    const text = '[a](x.md#y) `[b](z.md)` [c](<http://d> "e")\n```\n[f](g.md)\n```\n![h](i.png)';
    expect(linksOf(text)).toEqual(['x.md#y', 'i.png']);
    expect([...headingAnchors('# A `b`: c & d\n## A b\n## A b\n```\n# not\n```')]).toEqual([
      'a-b-c--d',
      'a-b',
      'a-b-1',
    ]);
  });

  it('find every how-to and every document from the index', () => {
    const linked = linksOf(readFileSync(join(ROOT, 'docs/README.md'), 'utf8')).map((link) => link.split('#')[0]);
    const all = documents.filter((name) => /^docs\/(?:how-to\/)?[^/]+\.md$/.test(name) && name !== 'docs/README.md');
    expect(all.filter((name) => !linked.includes(name.slice('docs/'.length)))).toEqual([]);
  });
});

describe('commands', () => {
  const commands = blocks('sh').flatMap(([at, { code }]) => commandsOf(code).map((words) => [at, words] as const));

  it('are many', () => expect(commands.length).toBeGreaterThan(30));

  it.each(commands)('%s: %j is one that plumbline takes', async (_, words) => {
    const stderr = new PassThrough();
    const printed: string[] = [];
    stderr.on('data', (chunk: Buffer) => printed.push(chunk.toString()));
    // Nobody listens there: a command that was understood ends with that, or with a file that is not here.
    await runProgram([...words, '--url', 'http://127.0.0.1:9'], {
      streams: { stdout: new PassThrough(), stderr },
      standardInput: new PassThrough().end(),
      variables: {},
      now: () => 0,
    });
    expect(printed.join('')).not.toMatch(/^error: /m);
  });
});

describe('declarations', () => {
  it.each(blocks('yaml', /how-to|quick-start|operations/))('%s', (_, { code }) => {
    for (const document of parseAllDocuments(code)) {
      expect(document.errors).toEqual([]);
      const value = document.toJS() as Record<string, unknown>;
      // Others are files of other programs, or settings of the server, which the quick start runs with.
      if ('kind' in value) expect(checkDocument(value)).toHaveProperty('document');
    }
  });
});

describe('code', () => {
  const python = blocks('python');
  const hasPython = existsPython();
  if (!hasPython) console.log('skipped: syntax of the Python in the documents, because there is no python3');
  (hasPython ? it : it.skip)('in Python compiles', () => {
    const program = `import ast, json, sys\nfor at, code in json.load(sys.stdin):\n    ast.parse(code, at)`;
    const input = JSON.stringify(python.map(([at, { code }]) => [at, code]));
    execFileSync('python3', ['-c', program], { input, stdio: ['pipe', 'pipe', 'pipe'] });
    expect(python.length).toBeGreaterThan(10);
  });

  it.each(blocks('js'))('in JavaScript parses: %s', (_, { code }) => {
    const { diagnostics } = ts.transpileModule(code, { reportDiagnostics: true, fileName: 'block.mjs' });
    expect(textOf(diagnostics ?? [])).toEqual([]);
  });

  it('in TypeScript has the types of the SDK', () => {
    expect(typeFaults(blocks('ts'))).toEqual([]);
  }, 300_000);
});

/** Targets of the links and pictures of a Markdown text, without those in code. Addresses in angle brackets are not looked at. */
function linksOf(text: string): string[] {
  const prose = text.replace(/^```.*?^```$/gms, '').replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^\s()<>]+)\)/g)].map(([, target]) => target!);
}

/** Anchors that GitHub gives to the headings of a Markdown text. */
function headingAnchors(text: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading] of text.replace(/^```.*?^```$/gms, '').matchAll(/^#+ (.+)$/gm)) {
    const plain = heading!.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = plain.replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-');
    let anchor = slug;
    for (let n = 1; anchors.has(anchor); n++) anchor = `${slug}-${n}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** Command lines of `plumbline` in a shell block, as words. Those that would start a server are left out. */
function commandsOf(code: string): string[][] {
  const lines = code.replace(/\\\n/g, ' ').split('\n');
  return lines.flatMap((line) => {
    const words = [...line.matchAll(/#.*$|&&|\|\|?|>|"(?:\$\([^)]*\)|[^"])*"|'[^']*'|[^\s]+/g)].map(([word]) => word);
    const begin = words.findIndex((word, i) => word === 'plumbline' && (i === 0 || words[i - 1] === 'npx'));
    if (begin === -1) return [];
    const rest = words.slice(begin + 1);
    const end = rest.findIndex((word) => /^(?:#.*|&&|\|\|?|>)$/.test(word));
    const own = (end === -1 ? rest : rest.slice(0, end)).map((word) => word.replace(/^(["'])(.*)\1$/s, '$2'));
    return ['serve', 'demo'].includes(own[0] ?? '') ? [] : [own];
  });
}

/** What the compiler says of TypeScript blocks, as files of a service that uses the SDK. */
function typeFaults(snippets: readonly (readonly [string, Fence])[]): string[] {
  const folder = join(ROOT, 'examples/express/src');
  const files = new Map(snippets.map(([, { code }], i) => [join(folder, `document-${i}.ts`), code]));
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: ['node'],
    paths: { '@plumbline/sdk': [join(ROOT, 'sdk/typescript/src/index.ts')] },
  };
  const host = ts.createCompilerHost(options);
  // They lie beside a service that has the SDK and express, without being there.
  host.fileExists = (name) => files.has(name) || ts.sys.fileExists(name);
  host.readFile = (name) => files.get(name) ?? ts.sys.readFile(name);
  const program = ts.createProgram([...files.keys()], options, host);
  return [...files.keys()].flatMap((name, i) => {
    const source = program.getSourceFile(name)!;
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return textOf(found).map((text) => `${snippets[i]![0]}: ${text}`);
  });
}

function textOf(diagnostics: readonly ts.Diagnostic[]): string[] {
  return diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

function existsPython(): boolean {
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

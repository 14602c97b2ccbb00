import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import ts from 'typescript';
import type { Fence } from './document-fences.js';
import { freePorts } from './free-ports.js';
import { until } from './until.js';

const ROOT = resolve(import.meta.dirname, '../..');
/** Generous: it may install packages, on two cores that are busy with other suites. */
const STEP_MS = 240_000;
/** Of a checkout, what the commands of a reader need; the folder itself is their own. */
const LINKED = ['package.json', 'node_modules', 'apps', 'libs', 'sdk', 'examples'];

/** What a reader's shell has besides: how to reach a package index from here. Settings of a server of one's own stay outside. */
const INHERITED = /^(?:PATH|HOME|LANG|TMPDIR|PIP_\w+|\w+_proxy|SSL_CERT_\w+|REQUESTS_CA_BUNDLE)$/i;

interface Running {
  readonly child: ChildProcess;
  readonly output: string[];
}

/** Ended with the test file, so that a failed test leaves no process behind. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) signalGroup(child, 'SIGKILL');
});

/**
 * Runs the fenced blocks of a document one after the other, as a reader would who does what it says, in a folder of its own that looks
 * like a checkout. Ports that the document names are replaced by free ones, everywhere.
 *
 * - A block whose first line is a comment with a path is written to that file.
 * - `sh` runs in bash, `python` in python3, `js` and `ts` in node. `npm start` and `npm run` run the script without its build, which was done before.
 * - `<!-- test: background NAME until PORT -->`: it runs on, and the next block waits for the port.
 * - `text` is what the block before it printed; `<!-- test: printed by NAME -->`: what a block in the background prints sooner or later.
 *   Each line must occur, in this order; `…` stands for anything.
 * - `<!-- test: not run: REASON -->`.
 */
export class DocumentRun {
  private readonly background = new Map<string, Running>();
  private lastOutput = '';

  private constructor(
    readonly folder: string,
    private readonly ports: ReadonlyMap<string, number>,
    /** Of Plumbline, once the document has started it. */
    readonly url: string,
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  /**
   * @param ports that the document names; the first is that of Plumbline
   * @param env for all of its commands, beside PLUMBLINE_URL
   */
  static async start(ports: readonly number[], env: Readonly<Record<string, string>> = {}): Promise<DocumentRun> {
    const folder = await mkdtemp(join(tmpdir(), 'plumbline-document-'));
    for (const name of LINKED) await symlink(join(ROOT, name), join(folder, name));
    const free = await freePorts(ports.length);
    return new DocumentRun(
      folder,
      new Map(ports.map((port, i) => [String(port), free[i]!])),
      `http://127.0.0.1:${free[0]}`,
      env,
    );
  }

  /** @throws Error with the line of the block, and with what it printed, when a command fails or prints something else than the document says */
  async play(fences: readonly Fence[]): Promise<void> {
    for (const fence of fences) {
      await this.step(fence).catch((error: unknown) => {
        throw new Error(`the block in line ${fence.line}: ${(error as Error).message}\n${this.logs()}`, {
          cause: error,
        });
      });
    }
  }

  private async step({ language, code, note = '' }: Fence): Promise<void> {
    if (note.startsWith('not run: ')) return;
    const text = this.withFreePorts(code);
    const path = /^(?:#|\/\/) (\S+\/\S+\.\w+)$/m.exec(text.split('\n', 1)[0]!)?.[1];
    const [, name, port] = /^background (\w+) until (\d+)$/.exec(note) ?? [];
    const [, printer] = /^printed by (\w+)$/.exec(note) ?? [];
    if (note !== '' && name === undefined && printer === undefined)
      throw new Error(`"${note}" says nothing to this test`);

    if (path !== undefined) {
      await mkdir(dirname(join(this.folder, path)), { recursive: true });
      await writeFile(join(this.folder, path), `${text}\n`);
    } else if (language === 'text') {
      if (printer === undefined) expectLines(text, this.lastOutput);
      else await this.printedBy(printer, text);
    } else if (name !== undefined) {
      await this.runOn(name, this.spawn(language, text), Number(this.ports.get(port!)));
    } else {
      const { child, output } = this.spawn(language, text);
      await once(child, 'close', { signal: AbortSignal.timeout(STEP_MS) });
      this.lastOutput = output.join('');
      if (child.exitCode !== 0) throw new Error(`it ended with ${child.exitCode}:\n${this.lastOutput}`);
    }
  }

  async stop(): Promise<void> {
    for (const { child } of [...this.background.values()].reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const closed = once(child, 'close');
      signalGroup(child, 'SIGTERM');
      const hard = setTimeout(() => signalGroup(child, 'SIGKILL'), 30_000);
      await closed;
      clearTimeout(hard);
    }
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  private withFreePorts(code: string): string {
    return code.replace(/\b\d{4,5}\b/g, (number) => String(this.ports.get(number) ?? number));
  }

  private spawn(language: string, code: string): Running {
    const [command, ...args] = commandOf(language, code);
    const child = spawn(command!, args, {
      cwd: this.folder,
      // A group of its own, so that what a shell started ends with it.
      detached: true,
      env: {
        ...Object.fromEntries(Object.entries(process.env).filter(([name]) => INHERITED.test(name))),
        PLUMBLINE_URL: this.url,
        PLUMBLINE_HTTP_PORT: new URL(this.url).port,
        ...this.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    child.once('exit', () => running.delete(child));
    const output: string[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => output.push(chunk.toString()));
    return { child, output };
  }

  private async runOn(name: string, started: Running, port: number): Promise<void> {
    this.background.set(name, started);
    const ready = async (): Promise<true | undefined> => {
      if (started.child.exitCode !== null) throw new Error(`${name} ended with ${started.child.exitCode}`);
      return (await accepts(port)) || undefined;
    };
    await until(`${name} listens on ${port}`, ready, STEP_MS);
  }

  private async printedBy(name: string, expected: string): Promise<void> {
    const { output } = this.background.get(name)!;
    const printed = (): true | undefined => missingLine(expected, output.join('')) === undefined || undefined;
    await until(`${name} prints "${expected}"`, printed, STEP_MS);
  }

  private logs(): string {
    return [...this.background]
      .map(([name, { output }]) => `--- ${name}:\n${output.join('').slice(-4_000)}`)
      .join('\n');
  }
}

function commandOf(language: string, code: string): string[] {
  switch (language) {
    case 'sh':
      return ['bash', '-euo', 'pipefail', '-c', withoutBuild(code)];
    case 'python':
      return ['python3', '-c', code];
    case 'js':
    case 'ts':
      return [process.execPath, '--input-type=module', '-e', withoutTypes(code)];
    default:
      throw new Error(
        `this test cannot run a block of "${language}": name a file in its first line, or say why it is not run`,
      );
  }
}

/** Node 20 runs no types; that they are right is seen elsewhere (documents.spec.ts). */
function withoutTypes(code: string): string {
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  });
  return outputText;
}

/** What was built before the tests is not built again beside them. */
function withoutBuild(code: string): string {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  return code.replace(/\bnpm (?:run )?(\w+)\b/g, (command, name: string) =>
    scripts[name] === undefined ? command : scripts[name].replace('npm run --silent build && ', ''),
  );
}

function expectLines(expected: string, printed: string): void {
  const missing = missingLine(expected, printed);
  if (missing !== undefined) throw new Error(`the line "${missing}" of the document was not printed:\n${printed}`);
}

/** The first line of the document that the output lacks, if any. */
function missingLine(expected: string, printed: string): string | undefined {
  const lines = printed.split('\n').map((line) => line.trim());
  let at = 0;
  for (const line of expected.split('\n').map((one) => one.trim())) {
    const pattern = new RegExp(`^${line.split('…').map(escapePattern).join('.*')}$`);
    const found = lines.findIndex((one, index) => index >= at && pattern.test(one));
    if (found < 0) return line;
    at = found + 1;
  }
  return undefined;
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

async function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    process.kill(-child.pid!, signal);
  } catch {
    // It is gone already.
  }
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A run of this program in a process of its own. */
export interface OwnRun {
  /** Stands before each line that it prints. */
  readonly name: string;
  readonly args: readonly string[];
}

interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const LAST_LINE = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/;
const SKIPPED = /^skipped: /;

/**
 * Runs all of them at once, since each waits for others most of the time, and prints what they print, with one last line for all. Returns
 * whether nothing failed.
 */
export async function runSideBySide(runs: readonly OwnRun[], seed: number): Promise<boolean> {
  const startedAtMs = performance.now();
  const children = new Set<ChildProcess>();
  process.on('exit', () => {
    for (const child of children) child.kill('SIGTERM');
  });
  const reasons: string[] = [];
  const tallies = await Promise.all(runs.map(runOne));
  for (const reason of reasons) console.log(reason);
  console.log(`\nseed ${seed}, ${Math.round((performance.now() - startedAtMs) / 1000)} s`);
  const sum = (of: (tally: Tally) => number): number => tallies.reduce((total, tally) => total + of(tally), 0);
  const [passed, failed, skipped] = [
    sum((tally) => tally.passed),
    sum((tally) => tally.failed),
    sum((tally) => tally.skipped),
  ];
  console.log(`${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`);
  return failed === 0;

  async function runOne({ name, args }: OwnRun): Promise<Tally> {
    const child = spawn(process.execPath, [...process.execArgv, process.argv[1]!, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.add(child);
    let tally: Tally | undefined;
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        const last = LAST_LINE.exec(line);
        if (last !== null) tally = { passed: Number(last[1]), failed: Number(last[2]), skipped: Number(last[3] ?? 0) };
        else if (SKIPPED.test(line)) reasons.push(line);
        else console.log(`${name}  ${line}`);
      });
    }
    const [code] = (await once(child, 'close')) as [number | null];
    children.delete(child);
    const { passed = 0, failed = 0, skipped = 0 } = tally ?? {};
    // One that ends otherwise than it says has failed.
    return { passed, failed: failed === 0 && (code !== 0 || passed === 0) ? 1 : failed, skipped };
  }
}

import { execFile } from 'node:child_process';
import { resolve } from 'node:path';

const MAIN = resolve(import.meta.dirname, '../../apps/cli/dist/main.js');

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built `plumbline` command against a server, as a person would; does not throw on a non-zero exit code. */
export async function runCli(url: string, ...args: string[]): Promise<CliResult> {
  return new Promise((done) => {
    const env = { PATH: process.env.PATH, PLUMBLINE_URL: url };
    execFile(process.execPath, [MAIN, ...args], { env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, stdout, stderr });
    });
  });
}

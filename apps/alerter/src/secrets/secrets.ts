import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Secret } from '@plumbline/contracts';
import type { SecretForm } from './secret-form.js';

/** Variables of the process, where secrets are referred to by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** `problem` names the reference, never the value. */
export type ResolvedSecret =
  { readonly ok: true; readonly value: string } | { readonly ok: false; readonly problem: string };

/** Variables that were put there to be named by receivers and pipelines. */
const PREFIX = 'PLUMBLINE_SECRET_';
const MAX_LENGTH = 8192;

/**
 * Looks up what receivers and pipelines refer to, anew each time, so that a rotated secret needs no restart.
 *
 * Whoever declares a receiver chooses both the reference and the address that the secret is sent to, and may be no operator of the
 * server. So a secret either has a form that nothing else has, or its place was set up for this: a variable whose name begins with
 * PLUMBLINE_SECRET_, or a file directly in alerting.secretsDirectory.
 */
export class Secrets {
  /** @param directory whose files may be read as secrets of any form; "" for none */
  constructor(
    private readonly environment: Environment,
    private readonly directory: string,
  ) {}

  /** Returns the text of a secret without white space around it, or why there is none. */
  async read(secret: Secret, { pattern, description }: SecretForm): Promise<ResolvedSecret> {
    const name = 'env' in secret ? `environment variable ${secret.env}` : `file ${secret.file}`;
    if (pattern === undefined && !this.isMeantForThis(secret))
      return { ok: false, problem: notMeantForThis(name, secret) };
    const text = 'env' in secret ? this.environment[secret.env] : await readText(secret.file);
    const value = text?.trim() ?? '';
    if (value === '') return { ok: false, problem: `the secret is not there: ${name}` };
    if (value.length <= MAX_LENGTH && /^[\x20-\x7e]*$/.test(value) && pattern?.test(value) !== false) {
      return { ok: true, value };
    }
    return { ok: false, problem: `the secret is not ${description}: ${name}` };
  }

  private isMeantForThis(secret: Secret): boolean {
    if ('env' in secret) return secret.env.startsWith(PREFIX);
    return this.directory !== '' && dirname(resolve(secret.file)) === resolve(this.directory);
  }
}

function notMeantForThis(name: string, secret: Secret): string {
  return 'env' in secret
    ? `the name of a variable that holds a password or token must begin with ${PREFIX}: ${name}`
    : `a file that holds a password or token must lie in the folder of the setting alerting.secretsDirectory: ${name}`;
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { ApiKey, Configuration } from '@plumbline/contracts';
import { CONFIGURATION } from '@plumbline/telemetry';
import { callerOf, findApiKey, LOCAL_CALLER } from '../auth/authenticate.js';
import type { Caller } from '../auth/caller.js';

/** A working day and some more: then the key is asked for again. */
export const SESSION_MS = 12 * 3_600_000;
const ID_BYTES = 18;
const TOKEN = /^([\w-]{1,64})\.(\d{1,16})\.([\w-]{43})$/;

export interface ConsoleSession {
  readonly caller: Caller;
  readonly expiresAtMs: number;
  /** Stands in every form of the session; only pages of this server can know it. */
  readonly csrfToken: string;
}

/** A key of the configuration, and what sessions of it are signed with. */
interface Signer {
  readonly caller: Caller;
  readonly secret: Buffer;
}

/**
 * Opens and reads sessions of the console. A session is a token: a random id and an end, signed with a secret that is derived from
 * the API key. So it needs no store, every process of the installation can read it, it holds no key, it is good for the
 * console only, and it ends when its key is taken out of the configuration.
 */
@Injectable()
export class ConsoleSessions {
  /** Whether one must sign in. Without API keys there is nothing to sign in with. */
  readonly needKey: boolean;
  private readonly apiKeys: readonly ApiKey[];
  private readonly signers: readonly Signer[];

  constructor(@Inject(CONFIGURATION) { apiKeys }: Configuration) {
    this.apiKeys = apiKeys;
    this.needKey = apiKeys.length > 0;
    this.signers = this.needKey
      ? apiKeys.map((apiKey) => ({ caller: callerOf(apiKey), secret: secretOf(apiKey.key) }))
      : // Somebody has to be told from a page of another site here as well, though not from another person.
        [{ caller: LOCAL_CALLER, secret: randomBytes(32) }];
  }

  /** Returns whom an API key stands for; undefined when nobody was given it. */
  callerOfKey(key: string): Caller | undefined {
    const found = findApiKey(key, this.apiKeys);
    return found === undefined ? undefined : callerOf(found);
  }

  /** Returns the token of a new session of the key, which must be one of the configured ones. */
  open(key: string, nowMs: number): string {
    return sign(secretOf(key), nowMs);
  }

  /** Returns the token of a new session on a server that needs no key. */
  openLocal(nowMs: number): string {
    return sign(this.signers[0]!.secret, nowMs);
  }

  /** Returns the session of a token; undefined when it is over, or was not made by this server for a key that it still knows. */
  read(token: string, nowMs: number): ConsoleSession | undefined {
    const [, id = '', end = '', signature = ''] = TOKEN.exec(token) ?? [];
    const expiresAtMs = Number(end);
    if (id === '' || !(expiresAtMs > nowMs)) return undefined;
    const given = Buffer.from(signature, 'base64url');
    const signer = this.signers.find(({ secret }) => timingSafeEqual(mac(secret, `session ${id}.${end}`), given));
    if (signer === undefined) return undefined;
    return { caller: signer.caller, expiresAtMs, csrfToken: mac(signer.secret, `form ${id}`).toString('base64url') };
  }
}

function sign(secret: Buffer, nowMs: number): string {
  const id = randomBytes(ID_BYTES).toString('base64url');
  const end = nowMs + SESSION_MS;
  return `${id}.${end}.${mac(secret, `session ${id}.${end}`).toString('base64url')}`;
}

function secretOf(key: string): Buffer {
  return createHmac('sha256', key).update('plumbline console session').digest();
}

function mac(secret: Buffer, text: string): Buffer {
  return createHmac('sha256', secret).update(text).digest();
}

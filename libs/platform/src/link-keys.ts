import { createHash, randomBytes } from 'node:crypto';
import type { Configuration } from '@plumbline/contracts';
import { insertLinkKey, listLinkKeys, type Store } from '@plumbline/storage';
import { type LinkClaims, type LinkReading, readLink, signLink } from './signed-link.js';

const KEY_BYTES = 32;

/** Signs links and reads them, with the configured key, or else with one that is made once and kept in the store for all processes. */
export class LinkKeys {
  private keys: readonly Buffer[] = [];

  constructor(
    private readonly store: Store,
    private readonly alerting: Pick<Configuration['alerting'], 'linkKey'>,
  ) {}

  /** Returns the token of a link. @throws StorageError */
  async sign(claims: LinkClaims): Promise<string> {
    if (this.keys.length === 0) await this.load();
    if (this.keys.length === 0) {
      await insertLinkKey(this.store, randomBytes(KEY_BYTES).toString('base64'), Date.now());
      await this.load();
    }
    return signLink(this.keys[0]!, claims);
  }

  /** Returns what a token allows. @throws StorageError */
  async read(token: string, nowMs: number): Promise<LinkReading> {
    const reading = readLink(this.keys, token, nowMs);
    if (reading.ok || reading.reason !== 'forged') return reading;
    // Another process may have made a key since ours were read.
    await this.load();
    return readLink(this.keys, token, nowMs);
  }

  private async load(): Promise<void> {
    const { linkKey } = this.alerting;
    this.keys =
      linkKey === undefined
        ? (await listLinkKeys(this.store)).map((key) => Buffer.from(key, 'base64'))
        : [createHash('sha256').update(linkKey).digest()];
  }
}

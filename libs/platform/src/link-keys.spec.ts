import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listLinkKeys, migrate, Store } from '@plumbline/storage';
import { LinkKeys } from './link-keys.js';
import type { LinkClaims } from './signed-link.js';

const claims: LinkClaims = { project: 'p', action: 'a', subject: 's', expiresAtMs: 2 };

describe('LinkKeys', () => {
  let dataDir: string;
  let store: Store;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-link-keys-'));
    store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, 1);
  });
  afterAll(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('signs with the configured key, and makes none then', async () => {
    const configured = (linkKey: string) => new LinkKeys(store, { linkKey });
    const token = await configured('a'.repeat(32)).sign(claims);
    expect(await configured('a'.repeat(32)).read(token, 1)).toEqual({ ok: true, claims });
    expect(await configured('b'.repeat(32)).read(token, 1)).toEqual({ ok: false, reason: 'forged' });
    expect(await listLinkKeys(store)).toEqual([]);
  });

  it('shares a key that was made once with other processes, also when two were made at the same time', async () => {
    const processes = [1, 2, 3].map(() => new LinkKeys(store, { linkKey: undefined }));
    const tokens = await Promise.all(processes.map((each) => each.sign(claims)));
    for (const reader of [...processes, new LinkKeys(store, { linkKey: undefined })]) {
      for (const token of tokens) expect(await reader.read(token, 1)).toEqual({ ok: true, claims });
    }
    expect((await listLinkKeys(store)).length).toBeLessThanOrEqual(3);
  });
});

import { type ApiKey, configurationSchema } from '@plumbline/contracts';
import { ConsoleSessions, SESSION_MS } from './console-sessions.js';

const NOW_MS = Date.UTC(2026, 10, 22);
const ada: ApiKey = { key: 'ada-key-0123456789', project: 'p', scopes: ['read', 'admin'] };
const bob: ApiKey = { key: 'bob-key-0123456789', project: 'q', scopes: ['read'] };
const sessionsOf = (...apiKeys: ApiKey[]): ConsoleSessions =>
  new ConsoleSessions(configurationSchema.parse({ apiKeys }));

describe('ConsoleSessions', () => {
  it('reads a session as the caller of its key, in every process of the installation', () => {
    const token = sessionsOf(ada, bob).open(bob.key, NOW_MS);
    const session = sessionsOf(bob, ada).read(token, NOW_MS + SESSION_MS - 1);
    expect(session).toMatchObject({ caller: { project: 'q', scopes: ['read'] }, expiresAtMs: NOW_MS + SESSION_MS });
  });

  it('ends a session after its time, and when its key is taken away', () => {
    const token = sessionsOf(ada, bob).open(bob.key, NOW_MS);
    expect(sessionsOf(ada, bob).read(token, NOW_MS + SESSION_MS)).toBeUndefined();
    expect(sessionsOf(ada).read(token, NOW_MS)).toBeUndefined();
  });

  it('gives each session an id and a token of forms of its own, which do not tell the key', () => {
    const sessions = sessionsOf(ada);
    const [first, second] = [sessions.open(ada.key, NOW_MS), sessions.open(ada.key, NOW_MS)];
    expect(first).not.toBe(second);
    expect(sessions.read(first, NOW_MS)!.csrfToken).not.toBe(sessions.read(second, NOW_MS)!.csrfToken);
    expect(first.split('.')[2]).not.toBe(sessions.read(first, NOW_MS)!.csrfToken);
  });

  it.each([
    ['a later end', (token: string) => token.replace(/\.(\d+)\./, (_, end: string) => `.${Number(end) + 1}.`)],
    ['another id', (token: string) => `A${token.slice(1, 2) === 'A' ? 'B' : 'A'}${token.slice(2)}`],
    ['no signature', (token: string) => token.slice(0, token.lastIndexOf('.') + 1)],
    ['a short signature', (token: string) => token.slice(0, -1)],
    ['more behind it', (token: string) => `${token}.x`],
    ['nothing', () => ''],
    ['an end that is no number', () => `id.NaN.${'A'.repeat(43)}`],
  ])('takes no token with %s', (_, change) => {
    const sessions = sessionsOf(ada);
    expect(sessions.read(change(sessions.open(ada.key, NOW_MS)), NOW_MS)).toBeUndefined();
  });

  it('needs no key without keys, and knows its own sessions until it ends', () => {
    const [sessions, afterwards] = [sessionsOf(), sessionsOf()];
    expect([sessions.needKey, sessionsOf(ada).needKey]).toEqual([false, true]);
    const token = sessions.openLocal(NOW_MS);
    expect(sessions.read(token, NOW_MS)).toMatchObject({ caller: { project: 'default', name: 'local' } });
    expect(afterwards.read(token, NOW_MS)).toBeUndefined();
  });
});

import { type LinkClaims, readLink, signLink } from './signed-link.js';

const NOW_MS = Date.UTC(2026, 0, 1);
const KEY = Buffer.alloc(32, 1);
const OTHER_KEY = Buffer.alloc(32, 2);
const claims: LinkClaims = {
  project: 'p',
  action: 'retraining.approve',
  subject: 'run-1',
  expiresAtMs: NOW_MS + 1,
};

describe('signed link', () => {
  it('gives back what was signed, in characters that are safe in a URL', () => {
    const token = signLink(KEY, { ...claims, detail: 'für 2 h' });
    expect(token).toMatch(/^[\w-]+\.[\w-]+$/);
    expect(readLink([KEY], token, NOW_MS)).toEqual({ ok: true, claims: { ...claims, detail: 'für 2 h' } });
  });

  it('is read with any of the keys in use', () => {
    expect(readLink([OTHER_KEY, KEY], signLink(KEY, claims), NOW_MS).ok).toBe(true);
  });

  const token = signLink(KEY, claims);
  const [payload, signed] = token.split('.') as [string, string];
  const otherPayload = Buffer.from(JSON.stringify({ ...claims, action: 'retraining.refuse' })).toString('base64url');
  it.each([
    ['another key', [OTHER_KEY], token, 'forged'],
    ['no key', [], token, 'forged'],
    ['other claims', [KEY], `${otherPayload}.${signed}`, 'forged'],
    ['a cut signature', [KEY], `${payload}.${signed.slice(0, -4)}`, 'forged'],
    ['no signature', [KEY], `${payload}.`, 'forged'],
    ['no parts', [KEY], 'token', 'malformed'],
    ['too many parts', [KEY], `${token}.x`, 'malformed'],
    ['nothing', [KEY], '', 'malformed'],
  ] as const)('refuses %s', (_, keys, given, reason) => {
    expect(readLink(keys, given, NOW_MS)).toEqual({ ok: false, reason });
  });

  it('ends at its time', () => {
    expect(readLink([KEY], token, NOW_MS + 1)).toEqual({ ok: false, reason: 'expired' });
  });

  it('does not sign claims that it would not read', () => {
    expect(() => signLink(KEY, { ...claims, subject: '' })).toThrow();
  });
});

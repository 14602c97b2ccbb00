import type { ApiKey } from '@plumbline/contracts';
import { authenticate } from './authenticate.js';

const apiKeys: ApiKey[] = [
  { key: 'first-key-0123456789', project: 'a', scopes: ['read'] },
  { key: 'second-key-0123456789', project: 'b', scopes: ['ingest', 'admin'] },
];

describe('authenticate', () => {
  it('lets everybody be the default project without keys', () => {
    expect(authenticate({ authorization: 'Bearer x' }, [])).toEqual({
      project: 'default',
      scopes: ['ingest', 'read', 'admin'],
      name: 'local',
    });
  });

  it.each([
    [{ authorization: 'Bearer first-key-0123456789' }, 'a'],
    [{ authorization: 'bearer  second-key-0123456789' }, 'b'],
    [{ 'x-api-key': 'second-key-0123456789' }, 'b'],
  ])('knows the key in %j', (headers, project) => {
    expect(authenticate(headers, apiKeys)).toMatchObject({ project });
  });

  it('names the caller by a fingerprint that does not tell the key', () => {
    const caller = authenticate({ 'x-api-key': 'first-key-0123456789' }, apiKeys);
    expect(caller).toMatchObject({ name: expect.stringMatching(/^key [0-9a-f]{8}$/) as string, scopes: ['read'] });
  });

  it.each([[{}], [{ authorization: '' }], [{ authorization: 'Basic eDp5' }], [{ 'x-api-key': '' }]])(
    'misses a key in %j',
    (headers) => {
      expect(authenticate(headers, apiKeys)).toBe('missing');
    },
  );

  it.each(['first-key-012345678', 'first-key-01234567890', 'FIRST-KEY-0123456789'])('does not know %s', (key) => {
    expect(authenticate({ 'x-api-key': key }, apiKeys)).toBe('unknown');
  });
});

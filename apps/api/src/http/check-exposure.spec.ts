import { configurationSchema } from '@plumbline/contracts';
import { checkExposure, ExposureError } from './check-exposure.js';

const keys = 'a-key-of-16-chars';
const check = (host: string, apiKeys: string): string =>
  checkExposure(configurationSchema.parse({ http: { host }, apiKeys }));

describe('checkExposure', () => {
  it.each(['127.0.0.1', '127.8.9.10', '::1', 'localhost', 'LOCALHOST'])(
    'lets %s listen without keys, and says so',
    (host) => {
      expect(check(host, '')).toBe('listening on loopback only: no API keys are configured');
    },
  );

  it.each(['0.0.0.0', '::', '10.0.0.1', '192.168.1.5', 'example.com', '127.example.com', ''])(
    'refuses %j without keys',
    (host) => {
      expect(() => check(host, '')).toThrow(ExposureError);
      expect(() => check(host, '')).toThrow(/PLUMBLINE_API_KEYS/);
    },
  );

  it('lets any address listen with keys', () => {
    expect(check('0.0.0.0', keys)).toBe('listening on 0.0.0.0; API keys are required');
    expect(check('127.0.0.1', keys)).toBe('listening on loopback only; API keys are required');
  });
});

import { z } from 'zod';
import { redactConfiguration } from './redact-configuration.js';

const schema = z.strictObject({
  name: z.string(),
  store: z.strictObject({ url: z.string().optional().meta({ secret: true }), database: z.string() }),
  keys: z.array(z.strictObject({ key: z.string() })).meta({ secret: true }),
});

describe('redactConfiguration', () => {
  it('replaces secrets that are set, and nothing else', () => {
    const configuration = { name: 'n', store: { url: 'https://u:p@h', database: 'd' }, keys: [{ key: 'k' }] };
    expect(redactConfiguration(schema, configuration)).toEqual({
      name: 'n',
      store: { url: '[redacted]', database: 'd' },
      keys: '[redacted]',
    });
    expect(configuration.store.url).toBe('https://u:p@h');
  });

  it('shows that a secret is not set', () => {
    const configuration = { name: 'n', store: { database: 'd' }, keys: [] };
    expect(redactConfiguration(schema, configuration)).toEqual(configuration);
  });
});

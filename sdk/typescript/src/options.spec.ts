import { resolveOptions } from './options.js';

describe('resolveOptions', () => {
  it('takes the environment where options are silent', () => {
    const { settings, faults } = resolveOptions(
      { apiKey: 'mine' },
      {
        PLUMBLINE_URL: 'https://plumbline.example/base',
        PLUMBLINE_API_KEY: 'theirs',
        PLUMBLINE_ENABLED: 'false',
        PLUMBLINE_SAMPLE_RATE: '0.1',
        PLUMBLINE_SPOOL_DIR: '/var/spool/plumbline',
      },
    );
    expect(faults).toEqual([]);
    expect(settings).toMatchObject({
      apiKey: 'mine',
      enabled: false,
      sampleRate: 0.1,
      spoolDir: '/var/spool/plumbline',
    });
    expect(settings.url.href).toBe('https://plumbline.example/base');
  });

  it.each([
    [{ url: 'plumbline.example' }, {}, 'url', { enabled: false }],
    [{ url: 'ftp://plumbline.example' }, {}, 'url', { enabled: false }],
    [{}, { PLUMBLINE_URL: 'nowhere' }, 'url', { enabled: false }],
    [{ redact: 'email' as never }, {}, 'redact', { enabled: false }],
    [{ sampleRate: 10 }, {}, 'sampleRate', { enabled: true, sampleRate: 1 }],
    [{}, { PLUMBLINE_SAMPLE_RATE: 'half' }, 'sampleRate', { sampleRate: 1 }],
    [{}, { PLUMBLINE_ENABLED: 'maybe' }, 'PLUMBLINE_ENABLED', { enabled: true }],
    [{ maxQueueEvents: 0 }, {}, 'maxQueueEvents', { maxQueueEvents: 50_000 }],
    [{ flushIntervalMs: 'soon' as never }, {}, 'flushIntervalMs', { flushIntervalMs: 1000 }],
  ])('says what is wrong with %j %j', (options, environment, field, expected) => {
    const { settings, faults } = resolveOptions(options, environment);
    expect(faults).toMatchObject([{ reason: 'invalid_option', field }]);
    expect(settings).toMatchObject(expected);
  });
});

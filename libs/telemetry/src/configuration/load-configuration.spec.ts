import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { ConfigurationError } from './configuration-error.js';
import { loadConfiguration } from './load-configuration.js';

const schema = z.strictObject({
  dataDir: z.string().default('./data'),
  http: z
    .strictObject({
      host: z.string().default('127.0.0.1'),
      port: z.coerce.number().int().min(0).max(65535).default(8080).describe('0 lets the system choose'),
    })
    .prefault({}),
  log: z.strictObject({ level: z.enum(['info', 'error']).default('info') }).prefault({}),
  token: z.string().min(8).optional().meta({ env: 'PLUMBLINE_SECRET_TOKEN', secret: true }),
  keys: z
    .preprocess(
      (value) => (typeof value === 'string' ? value.split(',').map((key) => ({ key })) : value),
      z.array(z.strictObject({ key: z.string().min(3) })).default([]),
    )
    .meta({ secret: true }),
});

describe('loadConfiguration', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'configuration-'));
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  const yaml = (text: string): string => {
    const file = join(folder, `${randomUUID()}.yaml`);
    writeFileSync(file, text);
    return file;
  };

  const problems = (env: Record<string, string>, text = ''): readonly string[] => {
    try {
      loadConfiguration(schema, { env, file: yaml(text) });
    } catch (error) {
      if (error instanceof ConfigurationError) return error.problems;
      throw error;
    }
    return [];
  };

  it('is the defaults when nothing is given', () => {
    expect(loadConfiguration(schema, { env: { HOME: '/root' } })).toEqual({
      dataDir: './data',
      http: { host: '127.0.0.1', port: 8080 },
      log: { level: 'info' },
      keys: [],
    });
  });

  it('takes the environment over the file over the defaults', () => {
    const file = yaml('http: { host: example.org, port: 1 }\nkeys: [{ key: from-file }]');
    const env = { PLUMBLINE_HTTP_PORT: '2', PLUMBLINE_SECRET_TOKEN: 'a-secret-token', PLUMBLINE_KEYS: 'one,two' };
    const expected = {
      dataDir: './data',
      http: { host: 'example.org', port: 2 },
      log: { level: 'info' },
      token: 'a-secret-token',
      keys: [{ key: 'one' }, { key: 'two' }],
    };
    expect(loadConfiguration(schema, { env, file })).toEqual(expected);
    expect(loadConfiguration(schema, { env: { ...env, PLUMBLINE_CONFIG_FILE: file } })).toEqual(expected);
  });

  it('is frozen at every depth', () => {
    const configuration = loadConfiguration(schema, { env: { PLUMBLINE_KEYS: 'one' } });
    expect([configuration, configuration.http, configuration.keys, configuration.keys[0]].every(Object.isFrozen)).toBe(
      true,
    );
  });

  it('counts empty variables and YAML keys without a value as not given', () => {
    expect(problems({ PLUMBLINE_HTTP_PORT: '', PLUMBLINE_LOG_LEVEL: '  ' }, 'http:\n  port:\nlog:\n')).toEqual([]);
    const file = yaml('http:\n  port:\n');
    expect(loadConfiguration(schema, { env: { PLUMBLINE_HTTP_PORT: ' ' }, file }).http.port).toBe(8080);
    expect(problems({}, '# nothing but a comment\n')).toEqual([]);
  });

  it('tolerates the variables of clients, those that hold secrets of receivers, and those that Kubernetes makes of a Service', () => {
    const env = {
      PLUMBLINE_CONFIG_FILE: '',
      PLUMBLINE_URL: 'http://127.0.0.1:8080',
      PLUMBLINE_API_KEY: 'x',
      PLUMBLINE_SECRET_SMTP_PASSWORD: 'x',
      PLUMBLINE_SERVICE_HOST: '10.0.0.1',
      PLUMBLINE_SERVICE_PORT_HTTP: '80',
      PLUMBLINE_PORT: 'tcp://10.0.0.1:80',
      PLUMBLINE_PORT_80_TCP_ADDR: '10.0.0.1',
    };
    expect(problems(env)).toEqual([]);
  });

  it('refuses unknown names, naming the nearest', () => {
    expect(problems({ PLUMBLINE_HTP_PORT: '1' })).toEqual([
      'environment variable PLUMBLINE_HTP_PORT is no setting; the nearest is PLUMBLINE_HTTP_PORT',
    ]);
    expect(problems({}, 'http: { prot: 1 }\nlgo: {}\nkeys: [{ key: abc, scope: x }]')).toEqual([
      expect.stringContaining('http.prot in the configuration file is no setting; the nearest is http.port'),
      expect.stringContaining('keys.0.scope in the configuration file is no setting'),
      expect.stringContaining('lgo in the configuration file is no setting; the nearest is log'),
    ]);
  });

  it('names a wrong setting, where its value comes from, the value and what to write', () => {
    expect(problems({ PLUMBLINE_HTTP_PORT: 'x' })).toEqual([
      'http.port: Invalid input: expected number, received NaN; environment variable PLUMBLINE_HTTP_PORT is "x". ' +
        'Set PLUMBLINE_HTTP_PORT or http.port to: integer, as in the default 8080 (0 lets the system choose)',
    ]);
    expect(problems({}, 'log: { level: loud }')).toEqual([
      expect.stringMatching(/^log\.level: .*; log\.level in the configuration file is "loud"\. .*"info" \| "error"/),
    ]);
    expect(problems({ PLUMBLINE_HTTP_PORT: '1' }, 'http: 5')).toEqual([expect.stringMatching(/^http: /)]);
  });

  it('tells all problems at once', () => {
    expect(problems({ PLUMBLINE_HTTP_PORT: '-1', PLUMBLINE_LOG_LEVEL: 'loud', PLUMBLINE_X: '1' })).toHaveLength(3);
  });

  it('never shows a secret', () => {
    const shown = [
      ...problems({ PLUMBLINE_SECRET_TOKEN: 'hush', PLUMBLINE_KEYS: 'hu' }),
      ...problems({}, 'token: hush\nkeys: [{ key: hu }]'),
      ...problems({}, 'token: "hush\nlog: x'),
    ];
    expect(shown).toHaveLength(5);
    expect(shown.join('\n')).not.toMatch(/hu/);
    expect(shown.filter((text) => text.includes('is [redacted]'))).toHaveLength(4);
  });

  it.each([
    ['not YAML', 'a: [', /cannot be read: .* line 1/],
    ['no map', '- a', /must hold a map/],
  ])('refuses a file that is %s', (_, text, message) => {
    expect(() => loadConfiguration(schema, { env: {}, file: yaml(text) })).toThrow(message);
  });

  it('refuses a file that is not there', () => {
    const file = join(folder, 'absent.yaml');
    expect(() => loadConfiguration(schema, { env: { PLUMBLINE_CONFIG_FILE: file } })).toThrow(
      /absent\.yaml cannot be read/,
    );
  });
});

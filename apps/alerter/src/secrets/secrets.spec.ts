import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SecretForm, secretForms } from './secret-form.js';
import { Secrets } from './secrets.js';

describe('Secrets', () => {
  const environment = {
    HOOK: 'whsec_AAAA\n',
    SLACK: 'xoxb-1-a',
    OTHER: 'hunter2',
    EMPTY: ' \n',
    PLUMBLINE_SECRET_PASSWORD: ' hunter2 ',
    PLUMBLINE_SECRET_TWO_LINES: 'a\r\nb',
    PLUMBLINE_SECRET_FOREIGN: 'pässword',
  };
  let root: string;
  let secrets: Secrets;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'plumbline-secrets-'));
    await mkdir(join(root, 'secrets/deeper'), { recursive: true });
    for (const file of ['secrets/password', 'secrets/deeper/password', 'password', 'secrets-of-others']) {
      await writeFile(join(root, file), 'hunter2\n');
    }
    await writeFile(join(root, 'key'), 'whsec_AAAA\n');
    secrets = new Secrets(environment, join(root, 'secrets'));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  it.each<[string, SecretForm, string]>([
    ['HOOK', secretForms.signingKey, 'whsec_AAAA'],
    ['SLACK', secretForms.slackToken, 'xoxb-1-a'],
    ['PLUMBLINE_SECRET_PASSWORD', secretForms.any, 'hunter2'],
  ])('reads %s', async (env, form, value) => {
    expect(await secrets.read({ env }, form)).toEqual({ ok: true, value });
  });

  it.each<[string, SecretForm, string]>([
    ['NONE', secretForms.signingKey, 'not there: environment variable NONE'],
    ['EMPTY', secretForms.signingKey, 'not there: environment variable EMPTY'],
    ['OTHER', secretForms.signingKey, 'not "whsec_" and base64: environment variable OTHER'],
    ['OTHER', secretForms.slackToken, 'not a token of Slack'],
    ['OTHER', secretForms.pagerdutyKey, 'not an integration key of PagerDuty'],
    ['OTHER', secretForms.address, 'not an address'],
    ['OTHER', secretForms.any, 'must begin with PLUMBLINE_SECRET_: environment variable OTHER'],
    ['PLUMBLINE_SECRET_TWO_LINES', secretForms.any, 'not a text'],
    ['PLUMBLINE_SECRET_FOREIGN', secretForms.any, 'not a text'],
  ])('refuses %s, saying why and never what it is', async (env, form, problem) => {
    const result = await secrets.read({ env }, form);
    expect(result).toEqual({ ok: false, problem: expect.stringContaining(problem) as string });
    expect(JSON.stringify(result)).not.toContain('hunter2');
  });

  it('reads a password from a file directly in the folder that is for secrets, and from no other', async () => {
    const read = (file: string) => secrets.read({ file: join(root, file) }, secretForms.any);
    expect(await read('secrets/password')).toEqual({ ok: true, value: 'hunter2' });
    expect(await read('secrets/../secrets/password')).toEqual({ ok: true, value: 'hunter2' });
    for (const file of ['secrets/deeper/password', 'secrets/../password', 'password', 'secrets-of-others', 'secrets']) {
      expect(await read(file)).toEqual({
        ok: false,
        problem: expect.stringContaining('alerting.secretsDirectory') as string,
      });
    }
    expect(await new Secrets({}, '').read({ file: join(root, 'secrets/password') }, secretForms.any)).toMatchObject({
      ok: false,
    });
  });

  it('reads a secret of a form of its own from anywhere', async () => {
    expect(await secrets.read({ file: join(root, 'key') }, secretForms.signingKey)).toMatchObject({ ok: true });
    expect(await secrets.read({ file: join(root, 'password') }, secretForms.signingKey)).toMatchObject({ ok: false });
  });
});

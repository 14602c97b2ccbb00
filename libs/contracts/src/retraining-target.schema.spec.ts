import { z } from 'zod';
import { retrainingPresets, retrainingTargetSchema } from './retraining-target.schema.js';

const secret = { env: 'ALERTING_TOKEN' };
const url = 'https://pipelines.example.com';

function faultsOf(target: object): string[] {
  const parsed = retrainingTargetSchema.safeParse(target);
  return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('retrainingTargetSchema', () => {
  it('takes a target without a preset as a webhook', () => {
    expect(retrainingTargetSchema.parse({ url })).toEqual({
      preset: 'webhook',
      url,
      method: 'POST',
      auth: { type: 'none' },
      headers: {},
      parameters: {},
      encoding: 'json',
      idempotent: true,
      success: {},
    });
  });

  it('has a member for each preset, and no other', () => {
    const members = retrainingTargetSchema.options.map(({ shape }) => [...shape.preset._zod.values][0]);
    expect(members).toEqual([...retrainingPresets]);
  });

  it('can be written as JSON Schema', () => {
    expect(z.toJSONSchema(retrainingTargetSchema, { io: 'input' }).oneOf).toHaveLength(retrainingPresets.length);
  });

  it.each<[string, object, string]>([
    ['an unknown preset', { preset: 'airflow', url }, 'preset: must be one of webhook, airflow2,'],
    ['an unknown placeholder', { url, parameters: { a: { b: ['x {{modl}}'] } } }, 'parameters.a.b.0: {{modl}} is no'],
    ['its remedy', { url, parameters: { a: '{{x}}' } }, 'known are run_id, project, model,'],
    ['code in a placeholder', { url, parameters: { a: '{{#if model}}' } }, 'parameters.a: {{#if model}} is no'],
    ['a name of the prototype', { url, body: '{{constructor}}' }, 'body: {{constructor}} is no placeholder'],
    ['parameters beside a body', { url, body: {}, parameters: { a: 1 } }, 'parameters: parameters are part of'],
    ['a form without fields', { url, encoding: 'form' }, 'body: a form needs an object'],
    ['a password in the address', { url: 'https://me:pass@example.com/' }, 'url: must not hold a user name'],
    ['a header that smuggles another', { url, headers: { 'x-a': 'b\r\nx-c: d' } }, 'headers.x-a: must be printable'],
    ['a header name that is none', { url, headers: { 'x a': 'b' } }, 'headers.x a: must be the name of an HTTP'],
    ['a pointer that is none', { url, external_id: 'id' }, 'external_id: must be a JSON pointer'],
    [
      'a query in a base address',
      { preset: 'airflow2', url: `${url}?a`, dag_id: 'd' },
      'url: must be the base address',
    ],
    [
      'a password of Airflow 3 for another target',
      { preset: 'airflow2', url, dag_id: 'd', auth: { type: 'airflow', username: 'u', password: secret } },
      'auth.type: ',
    ],
    [
      'eleven properties for GitHub',
      {
        preset: 'github_dispatch',
        repository: 'o/r',
        token: secret,
        parameters: Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`p${index}`, index])),
      },
      'parameters: GitHub takes at most 10 properties',
    ],
    ['a secret by value', { preset: 'github_dispatch', repository: 'o/r', token: 'ghp_1' }, 'token: '],
    ['a repository without owner', { preset: 'github_dispatch', repository: 'r', token: secret }, 'must be OWNER/NAME'],
    [
      'a variable that no shell can have',
      { preset: 'gitlab', project: 'g/p', token: secret, parameters: { 'a-b': 1 } },
      'parameters.a-b: must be letters, digits and "_"',
    ],
    ['a deployment by name', { preset: 'prefect3', url, deployment_id: 'train' }, 'deployment_id: '],
    ['a job without a name', { preset: 'jenkins', url, job: 'a//b' }, 'job: must be the name of a job'],
    ['a job that climbs', { preset: 'jenkins', url, job: 'a/../b' }, 'job: must not be "."'],
    ['a DAG that climbs', { preset: 'airflow2', url, dag_id: '..' }, 'dag_id: must not be "."'],
    [
      'a repository that climbs',
      { preset: 'github_dispatch', repository: 'o/..', token: secret },
      'must be OWNER/NAME',
    ],
  ])('refuses %s', (_, target, fault) => {
    expect(faultsOf(target).join('\n')).toContain(fault);
  });

  it('refuses what is nested too deep, without following it', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 50_000; level++) deep = [deep];
    expect(faultsOf({ url, parameters: { deep } }).join()).toContain('nested more than 16 levels');
  });
});

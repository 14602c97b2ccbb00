import { type RetrainingRequest, retrainingTargetSchema } from '@plumbline/contracts';
import { renderRetrainingRequest } from './render-retraining-request.js';

const request: RetrainingRequest = {
  runId: '0123456789abcdef0123456789abcdef',
  project: 'p',
  model: 'loans',
  version: '7',
  policy: 'weekly',
  reason: 'It drifted.',
  alertIds: ['a1'],
  features: ['age'],
  requestedAtMs: Date.UTC(2026, 0, 8),
  runUrl: 'https://plumbline.example/v1/retraining-runs/0123',
  callbackUrl: 'https://plumbline.example/links?token=the-token',
};

function rendered(target: object): string {
  return renderRetrainingRequest(retrainingTargetSchema.parse(target), request);
}

describe('renderRetrainingRequest', () => {
  it('shows the question before the call, the headers and the body, secrets by name', () => {
    const text = rendered({
      preset: 'kubeflow',
      url: 'https://kubeflow.example/pipeline',
      pipeline_id: 'train',
      auth: { type: 'bearer', token: { file: '/run/secrets/kubeflow' } },
      headers: { 'X-Team': 'ml' },
      parameters: { features: '{{features}}', callback: '{{callback_url}}' },
    });
    expect(text.split('\n').slice(0, 8)).toEqual([
      expect.stringMatching(
        /^first asked: GET https:\/\/kubeflow\.example\/pipeline\/apis\/v2beta1\/runs\?page_size=1&/,
      ),
      'POST https://kubeflow.example/pipeline/apis/v2beta1/runs',
      'accept: application/json',
      'x-team: ml',
      'content-type: application/json',
      'user-agent: plumbline',
      'idempotency-key: 0123456789abcdef0123456789abcdef',
      'authorization: Bearer <file /run/secrets/kubeflow>',
    ]);
    expect(JSON.parse(text.slice(text.indexOf('\n\n')))).toEqual({
      display_name: request.runId,
      pipeline_version_reference: { pipeline_id: 'train' },
      runtime_config: { parameters: { features: ['age'], callback: '<signed address of the callback>' } },
    });
  });

  it.each<[string, object, string]>([
    [
      'of a form',
      { preset: 'gitlab', project: 'g/p', token: { env: 'TOKEN' } },
      '\ntoken=<environment variable TOKEN>\n',
    ],
    [
      'of basic',
      {
        preset: 'airflow2',
        url: 'https://a.example',
        dag_id: 'd',
        auth: { type: 'basic', username: 'u', password: { env: 'PASS' } },
      },
      '\nauthorization: Basic <u and environment variable PASS>\n',
    ],
    [
      'of a header',
      { url: 'https://a.example', auth: { type: 'header', name: 'X-Key', value: { env: 'KEY' } } },
      '\nx-key: <environment variable KEY>\n',
    ],
    [
      'of a signature',
      { url: 'https://a.example', secret: { env: 'HOOK' } },
      '\nwebhook-signature: <signature with environment variable HOOK>\n',
    ],
    [
      'of OAuth 2',
      {
        url: 'https://a.example',
        auth: { type: 'oauth2', token_url: 'https://id.example/token', client_id: 'c', client_secret: { env: 'S' } },
      },
      '\nauthorization: Bearer <token of https://id.example/token for c>\n',
    ],
    [
      'of Airflow 3',
      {
        preset: 'airflow3',
        url: 'https://a.example',
        dag_id: 'd',
        auth: { type: 'airflow', username: 'u', password: { env: 'PASS' } },
      },
      '\nauthorization: Bearer <token of /auth/token for u>\n',
    ],
    [
      'of AWS',
      {
        preset: 'sagemaker',
        region: 'eu-central-1',
        pipeline: 'p',
        access_key_id: { env: 'ID' },
        secret_access_key: { env: 'KEY' },
      },
      '\nauthorization: AWS4-HMAC-SHA256 <signature with environment variable ID and environment variable KEY>\n',
    ],
  ])('shows the secret %s by its name', (_, target, line) => {
    expect(rendered(target)).toContain(line);
  });

  it('never shows the signed address of the callback', () => {
    for (const target of [
      { url: 'https://a.example' },
      { url: 'https://a.example', body: { at: 'call {{callback_url}}' } },
      { preset: 'github_dispatch', repository: 'o/r', token: { env: 'TOKEN' } },
      { preset: 'gitlab', project: 'g/p', token: { env: 'TOKEN' } },
    ]) {
      expect(rendered(target)).not.toContain('the-token');
    }
  });
});

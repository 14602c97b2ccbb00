import { createHash, createHmac } from 'node:crypto';
import { isObject, unknownKey } from './read-request.js';
import type { TargetReply, TargetRequest, TargetRules } from './target-server.js';

export const awsKeys = {
  id: 'AKIDEXAMPLE',
  secret: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  session: 'session-token',
};

/** SageMaker API 2017-07-24, StartPipelineExecution of "retrain-loans" in eu-central-1. A token that was used gives its execution. */
export function sagemakerRules(): TargetRules {
  const runs = new Map<string, string>();
  const failure = (type: string, message = type): TargetReply => ({ status: 400, body: { __type: type, message } });
  return {
    starts: () => true,
    runs: () => runs.size,
    reply: (request) => {
      const { headers } = request;
      if (headers['x-amz-security-token'] !== awsKeys.session) return { ...failure('UnrecognizedClientException') };
      const wrong = signatureFault(request);
      if (wrong !== undefined) return { ...failure('InvalidSignatureException', wrong), status: 403 };
      if (headers['content-type'] !== 'application/x-amz-json-1.1') return failure('SerializationException');
      if (headers['x-amz-target'] !== 'SageMaker.StartPipelineExecution') return failure('UnknownOperationException');
      const body: unknown = JSON.parse(request.body);
      if (!isObject(body)) return failure('SerializationException');
      const unknown = unknownKey(body, 'PipelineName', 'PipelineParameters', 'ClientRequestToken');
      if (unknown !== undefined) return failure('ValidationException', `unknown member ${unknown}`);
      const { PipelineName: name, PipelineParameters: parameters, ClientRequestToken: token } = body;
      if (name !== 'retrain-loans') return failure('ResourceNotFound', `Pipeline '${String(name)}' does not exist.`);
      if (typeof token !== 'string' || token.length < 32 || token.length > 128) return failure('ValidationException');
      if (!Array.isArray(parameters) || !(parameters as unknown[]).every(isParameter))
        return failure('ValidationException');
      const arn = 'arn:aws:sagemaker:eu-central-1:123456789012:pipeline/retrain-loans/execution';
      const execution = runs.get(token) ?? `${arn}/run${runs.size + 1}`;
      runs.set(token, execution);
      return { status: 200, body: { PipelineExecutionArn: execution } };
    },
  };
}

function isParameter(value: unknown): boolean {
  return isObject(value) && typeof value.Name === 'string' && typeof value.Value === 'string';
}

/** Computes the signature from what arrived, as the documentation of Signature Version 4 says; the fault, if there is one. */
function signatureFault({ method, path, headers, body }: TargetRequest): string | undefined {
  const parts = /^AWS4-HMAC-SHA256 Credential=([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
    headers.authorization ?? '',
  );
  if (parts === null) return 'the authorization is malformed';
  const [, credential = '', signedHeaders = '', signature] = parts;
  const date = String(headers['x-amz-date']);
  const scope = `${date.slice(0, 8)}/eu-central-1/sagemaker/aws4_request`;
  if (credential !== `${awsKeys.id}/${scope}`) return 'the credential is of another scope';
  for (const needed of ['host', 'x-amz-date', 'x-amz-target', 'x-amz-security-token']) {
    if (!signedHeaders.split(';').includes(needed)) return `${needed} is not signed`;
  }
  const canonicalHeaders = signedHeaders.split(';').map((name) => `${name}:${String(headers[name]).trim()}\n`);
  const canonical = [method, path, '', canonicalHeaders.join(''), signedHeaders, sha256(body)].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n');
  let key: Buffer | string = `AWS4${awsKeys.secret}`;
  for (const part of scope.split('/')) key = hmac(key, part);
  return hmac(key, toSign).toString('hex') === signature ? undefined : 'the signature does not match';
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

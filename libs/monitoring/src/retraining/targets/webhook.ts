import type { RetrainingRequest, TargetOf } from '@plumbline/contracts';
import { fillTemplate, fillTemplates, plainText } from './fill-template.js';
import { placeholderValues } from './placeholder-values.js';
import { atPointer, idAt, parseJson, webAddress } from './read-json.js';
import type { AnswerReading, CallBody, TargetAnswer, TargetProtocol } from './target-protocol.js';

/** A pipeline behind any HTTP address: what to send and what an answer means is declared. */
export function webhookProtocol(target: TargetOf<'webhook'>): TargetProtocol {
  return {
    repeatable: target.idempotent,
    call: (request) => ({
      method: target.method,
      url: target.url,
      headers: {},
      body: bodyOf(target, request),
    }),
    lookups: () => [],
    read: (answer) => read(target, answer),
  };
}

function bodyOf(target: TargetOf<'webhook'>, request: RetrainingRequest): CallBody {
  const values = placeholderValues(request);
  if (target.body === undefined) return { kind: 'json', value: standardBody(target, request) };
  const value = fillTemplate(target.body, values);
  if (target.encoding === 'json') return { kind: 'json', value };
  return { kind: 'form', fields: Object.entries(value ?? {}).map(([name, field]) => [name, plainText(field)]) };
}

function standardBody({ parameters }: TargetOf<'webhook'>, request: RetrainingRequest): object {
  const values = placeholderValues(request);
  return {
    run_id: request.runId,
    project: request.project,
    model: request.model,
    version: request.version,
    policy: request.policy,
    reason: request.reason,
    alerts: request.alertIds,
    features: request.features,
    parameters: fillTemplates(parameters, values),
    requested_at: values.requested_at,
    status_url: values.status_url,
    callback_url: request.callbackUrl,
  };
}

function read(target: TargetOf<'webhook'>, { status, text }: TargetAnswer): AnswerReading {
  const { success, external_id: idPointer, external_url: urlPointer } = target;
  const succeeded = success.status?.includes(status) ?? (status >= 200 && status < 300);
  if (!succeeded) return { reading: 'refused', detail: text };
  const json = parseJson(text);
  if (success.body !== undefined) {
    if (json === undefined) return { reading: 'unclear' };
    const found = atPointer(json, success.body.pointer);
    const wanted = 'equals' in success.body ? [success.body.equals] : success.body.one_of;
    if (!wanted.some((each) => each === found)) {
      const shown = found === undefined ? 'not there' : JSON.stringify(found);
      return { reading: 'refused', detail: `the answer does not say success: ${success.body.pointer} is ${shown}` };
    }
  }
  const externalId = idPointer === undefined ? '' : idAt(json, idPointer);
  const externalUrl = urlPointer === undefined ? '' : webAddress(atPointer(json, urlPointer));
  return { reading: 'started', run: { externalId, externalUrl } };
}

import type { TargetOf } from '@plumbline/contracts';
import { fillTemplates, plainText } from './fill-template.js';
import { placeholderValues } from './placeholder-values.js';
import { atPointer, idAt, parseJson } from './read-json.js';
import type { AnswerReading, TargetProtocol } from './target-protocol.js';

/** SageMaker, StartPipelineExecution: the client request token (32 to 128 characters) makes a second call answer with the first run. */
export function sagemakerProtocol(target: TargetOf<'sagemaker'>): TargetProtocol {
  return {
    repeatable: true,
    call: (request) => {
      const parameters = Object.entries(fillTemplates(target.parameters, placeholderValues(request)));
      return {
        method: 'POST',
        url: `${(target.url ?? `https://api.sagemaker.${target.region}.amazonaws.com`).replace(/\/+$/, '')}/`,
        headers: {
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': 'SageMaker.StartPipelineExecution',
        },
        body: {
          kind: 'json',
          value: {
            PipelineName: target.pipeline,
            PipelineParameters: parameters.map(([Name, value]) => ({ Name, Value: plainText(value) })),
            ClientRequestToken: request.runId,
          },
        },
      };
    },
    lookups: () => [],
    read: ({ status, text }) => read(status, text),
  };
}

function read(status: number, text: string): AnswerReading {
  const json = parseJson(text);
  if (status !== 200) {
    // AWS says "too many requests" with status 400.
    const throttled = /(^|#)Throttling(Exception)?$/.test(String(atPointer(json, '/__type')));
    return throttled ? { reading: 'later', detail: text } : { reading: 'refused', detail: text };
  }
  const externalId = idAt(json, '/PipelineExecutionArn');
  return externalId === '' ? { reading: 'unclear' } : { reading: 'started', run: { externalId, externalUrl: '' } };
}

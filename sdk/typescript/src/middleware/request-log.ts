import { performance } from 'node:perf_hooks';
import type { Plumbline } from '../plumbline.js';
import type { PredictionInput } from '../prediction-input.js';
import { uuidV7 } from '../uuid-v7.js';
import type { PredictionOutput } from '../wire-event.js';

/** Which requests are predictions, and what they hold. What a handler knows better it says by `set` of the request's log. */
export interface RequestLogOptions<Request, Answer = unknown> {
  /** Default: the client's. */
  readonly model?: string | undefined;
  readonly version?: string | undefined;
  /** The features of a request; undefined when it is no prediction. */
  readonly features?: ((request: Request) => PredictionInput['features'] | undefined) | undefined;
  /** What the model said, read from the answer of the handler. */
  readonly prediction?: ((answer: Answer, request: Request) => PredictionOutput | undefined) | undefined;
  readonly tags?: ((request: Request) => PredictionInput['tags']) | undefined;
  readonly entityId?: ((request: Request) => string | undefined) | undefined;
}

/** How a request ended. */
export interface RequestEnd {
  /** HTTP status of the answer, when it is known. */
  readonly status?: number | undefined;
  /** What the handler answered, when it can be seen. */
  readonly answer?: unknown;
  /** What the handler threw. */
  readonly error?: unknown;
}

/**
 * The prediction that a request is about to become: its id, what the handler says of it, and the time since it began. It is logged once, when
 * the request ends, if its features are known by then; requests that the service refused (4xx) are none.
 */
export class RequestLog<Request = unknown> {
  /** Answer it to the caller, so that the label can name it. */
  readonly predictionId = uuidV7(Date.now());
  private readonly startMs = performance.now();
  private said: Partial<PredictionInput> = {};
  private ended = false;

  constructor(
    private readonly client: Plumbline,
    private readonly request: Request,
    // A service knows what its own handlers answer.
    private readonly options: RequestLogOptions<Request, never>,
  ) {}

  /** Says what only the handler knows. Later words win. */
  set(said: Partial<PredictionInput>): void {
    this.said = { ...this.said, ...said };
  }

  /** Logs. What the service's own functions throw is told as `invalid_call`, and goes no further. */
  end({ status, answer, error }: RequestEnd): void {
    if (this.ended) return;
    this.ended = true;
    const latencyMs = performance.now() - this.startMs;
    if (status !== undefined && status >= 400 && status < 500) return;
    const failure = failureOf(status, error);
    try {
      const input = this.input(answer, failure !== undefined);
      if (input === undefined) return;
      const round = Math.round(latencyMs * 1000) / 1000;
      this.client.logPrediction({ latencyMs: round, ...(failure === undefined ? {} : { error: failure }), ...input });
    } catch (cause) {
      this.client.reportInvalidCall(`the request could not be read: ${String(cause)}`, cause);
    }
  }

  private input(answer: unknown, failed: boolean): PredictionInput | undefined {
    const { options, request, said } = this;
    const features = said.features ?? options.features?.(request);
    if (features === undefined) return undefined;
    const readAnswer = options.prediction as
      ((answer: unknown, request: Request) => PredictionOutput | undefined) | undefined;
    const prediction = failed || answer === undefined ? undefined : readAnswer?.(answer, request);
    return {
      predictionId: this.predictionId,
      model: options.model,
      version: options.version,
      prediction,
      tags: options.tags?.(request),
      entityId: options.entityId?.(request),
      ...said,
      features,
    };
  }
}

/** The class of the error, not its text, which may hold what a user typed. */
function failureOf(status: number | undefined, error: unknown): string | undefined {
  if (error instanceof Error) return error.name;
  if (error !== undefined) return 'Error';
  return status !== undefined && status >= 500 ? `HTTP ${status}` : undefined;
}

import type { RetrainingRequest, Secret } from '@plumbline/contracts';

/** One HTTP request to a target, without what authenticates it. */
export interface TargetCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  readonly url: string;
  /** By lower-case name; the content type follows from the body. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: CallBody;
}

export type CallBody =
  | { readonly kind: 'none' }
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'form'; readonly fields: readonly (readonly [name: string, value: string | Secret])[] };

/** What came back. */
export interface TargetAnswer {
  readonly status: number;
  readonly text: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The run at the target; "" for what is not known. */
export interface StartedRun {
  readonly externalId: string;
  readonly externalUrl: string;
}

/** What an answer says of the call. `later`: it is refused for now. `unclear`: the status speaks for a run, and the body that should confirm it cannot be read. */
export type AnswerReading =
  | { readonly reading: 'started'; readonly run: StartedRun }
  | { readonly reading: 'refused'; readonly detail: string }
  | { readonly reading: 'later'; readonly detail: string }
  | { readonly reading: 'unclear' };

/** A question asked before the call: whether the run was started by an earlier one. */
export interface Lookup {
  readonly call: TargetCall;
  /** The run, 'none', or undefined when the answer says neither. */
  find(answer: TargetAnswer): StartedRun | 'none' | undefined;
  /** What it means that the answer is longer than what is read of one. */
  readonly whenTooLong: StartedRun | undefined;
}

/** How one declared target is spoken to. */
export interface TargetProtocol {
  /** Whether a second call for the same run starts nothing: the target keeps the key, or can be asked first. */
  readonly repeatable: boolean;
  /** The body must be smaller. */
  readonly maxBodyBytes?: number;
  call(request: RetrainingRequest): TargetCall;
  /** All are asked, in this order, until one finds the run. */
  lookups(request: RetrainingRequest): readonly Lookup[];
  /** Reads an answer that is neither 429 nor 5xx. */
  read(answer: TargetAnswer, request: RetrainingRequest): AnswerReading;
}

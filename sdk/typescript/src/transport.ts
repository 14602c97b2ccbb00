/** One batch on its way, as HTTP carries it. */
export interface TransportRequest {
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface TransportResponse {
  readonly status: number;
  readonly retryAfter?: string | undefined;
  readonly body: string;
}

/** Carries batches to a server. Rejects when there is no answer; then the same batch is sent again. */
export interface Transport {
  send(request: TransportRequest, timeoutMs: number): Promise<TransportResponse>;
  /** Lets go of connections. */
  close?(): void;
}

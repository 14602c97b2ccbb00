/** Why a request is refused before any of its events is looked at: a closed set, with the status that answers it. */
const STATUS_OF = {
  unsupported_media_type: 415,
  unsupported_encoding: 415,
  damaged_encoding: 400,
  not_json: 400,
  body_too_large: 413,
  compression_ratio: 413,
  too_many_events: 413,
} as const;
export type BodyFaultReason = keyof typeof STATUS_OF;

/** Why a whole request is refused. */
export class BodyFault {
  constructor(
    readonly reason: BodyFaultReason,
    /** What is wrong and what to do. */
    readonly message: string,
  ) {}

  get status(): 400 | 413 | 415 {
    return STATUS_OF[this.reason];
  }
}

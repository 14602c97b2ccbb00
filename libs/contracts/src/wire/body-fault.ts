/** Why a body or message is refused before any of its events is looked at: a closed set. */
export type BodyFaultReason =
  | 'unsupported_media_type'
  | 'unsupported_encoding'
  | 'damaged_encoding'
  | 'not_json'
  | 'body_too_large'
  | 'compression_ratio'
  | 'too_many_events';

/** Why a whole request or message is refused. */
export class BodyFault {
  constructor(
    readonly reason: BodyFaultReason,
    /** What is wrong and what to do. */
    readonly message: string,
  ) {}
}

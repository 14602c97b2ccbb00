import type { BodyFaultReason } from '@plumbline/contracts';

/** The status that answers a request which is refused as a whole. */
export const BODY_FAULT_STATUS: Readonly<Record<BodyFaultReason, 400 | 413 | 415>> = {
  unsupported_media_type: 415,
  unsupported_encoding: 415,
  damaged_encoding: 400,
  not_json: 400,
  body_too_large: 413,
  compression_ratio: 413,
  too_many_events: 413,
};

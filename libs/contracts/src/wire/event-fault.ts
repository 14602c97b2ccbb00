import type { RejectionReason } from '../event.schema.js';

/** Why one event is refused. A class, so that telling it from an event costs one comparison. */
export class EventFault {
  constructor(
    /** Dotted path of the field at fault; "" when it is the event itself. */
    readonly field: string,
    readonly reason: RejectionReason,
    /** What is wrong and what to do. */
    readonly message: string,
  ) {}
}

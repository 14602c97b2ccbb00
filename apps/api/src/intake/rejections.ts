import type { EventFault, Rejection, RejectionReason } from '@plumbline/contracts';

/** Longest list of rejections in a reply; the rest are counted only. */
export const MAX_LISTED_REJECTIONS = 1_000;

/** Events of a request that are refused. */
export class Rejections {
  readonly listed: Rejection[] = [];
  readonly byReason = new Map<RejectionReason, number>();
  count = 0;

  /** @param index of the event in the request */
  add(index: number, fault: EventFault): void {
    this.count += 1;
    this.byReason.set(fault.reason, (this.byReason.get(fault.reason) ?? 0) + 1);
    if (this.listed.length < MAX_LISTED_REJECTIONS) this.listed.push({ index, ...fault });
  }
}

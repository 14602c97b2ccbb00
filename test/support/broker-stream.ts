import type { TopicName } from '@plumbline/contracts';
import { EventStream, StreamUnavailableError } from '@plumbline/stream';

/** The side of a broker that a publisher sees: it keeps records for whoever comes, or does not acknowledge. */
export class BrokerStream extends EventStream {
  override readonly publishMeans = 'queued';
  readonly kept: unknown[] = [];
  away = false;

  override async publish(_topic: TopicName, records: readonly { readonly value: unknown }[]): Promise<void> {
    if (this.away && records.length > 0) throw new StreamUnavailableError('no acknowledgement');
    this.kept.push(...records.map(({ value }) => value));
  }
  override async subscribe(): Promise<void> {}
  override owns(): boolean {
    return false;
  }
  override health(): { readonly partitions: []; readonly faults: [] } {
    return { partitions: [], faults: [] };
  }
  override async stop(): Promise<void> {}
}

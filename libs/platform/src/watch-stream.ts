import type { EventStream, PartitionHealth } from '@plumbline/stream';
import type { Metrics } from '@plumbline/telemetry';
import { Gauge } from 'prom-client';

/** Shows what waits in the stream as metrics, read when somebody asks for them. */
export function watchStream({ registry }: Metrics, stream: EventStream): void {
  const show = (name: string, help: string, valueOf: (partitions: readonly PartitionHealth[]) => number): void => {
    new Gauge({
      name,
      help,
      labelNames: ['topic'],
      registers: [registry],
      collect() {
        this.reset();
        const topics = new Map<string, PartitionHealth[]>();
        for (const partition of stream.health().partitions) {
          topics.set(partition.topic, [...(topics.get(partition.topic) ?? []), partition]);
        }
        for (const [topic, partitions] of topics) this.set({ topic }, valueOf(partitions));
      },
    });
  };
  show(
    'plumbline_stream_lag_records',
    'Records that no handler has returned from; with Kafka, the lag of the partitions that this process owns',
    (partitions) => partitions.reduce((sum, { queuedRecords }) => sum + queuedRecords, 0),
  );
  show('plumbline_stream_queued_bytes', 'Bytes of these records that this process holds in memory', (partitions) =>
    partitions.reduce((sum, { queuedBytes }) => sum + queuedBytes, 0),
  );
  show(
    'plumbline_stream_oldest_record_age_seconds',
    'How long the oldest of these records has been there',
    (partitions) => partitions.reduce((most, { oldestAgeMs }) => Math.max(most, oldestAgeMs), 0) / 1000,
  );
}

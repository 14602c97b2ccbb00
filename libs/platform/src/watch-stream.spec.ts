import { InProcessEventStream } from '@plumbline/stream';
import { Metrics } from '@plumbline/telemetry';
import { watchStream } from './watch-stream.js';

it('shows what waits in the stream, by topic, at the moment of asking', async () => {
  const stream = new InProcessEventStream({
    ...{ partitions: 2, maxQueueBytes: 1_000, maxBatchRecords: 10 },
    onHandlerError: (error) => {
      throw error;
    },
  });
  const metrics = new Metrics({ version: '1' });
  watchStream(metrics, stream);
  const lag = async (): Promise<string[]> =>
    (await metrics.registry.metrics())
      .split('\n')
      .filter((line) => /^plumbline_stream_(lag|queued).*plumbline\.transitions/.test(line));
  const record = (model: string) => ({ key: `p/${model}`, value: { project: 'p', model }, sizeBytes: 40 });
  const published = stream.publish('plumbline.transitions', [record('a'), record('b'), record('c')]);
  expect(await lag()).toEqual([
    'plumbline_stream_lag_records{topic="plumbline.transitions"} 3',
    'plumbline_stream_queued_bytes{topic="plumbline.transitions"} 120',
  ]);
  await stream.subscribe('plumbline.transitions', async () => undefined, { group: 'test' });
  await published;
  expect(await lag()).toEqual([
    'plumbline_stream_lag_records{topic="plumbline.transitions"} 0',
    'plumbline_stream_queued_bytes{topic="plumbline.transitions"} 0',
  ]);
  await stream.stop();
});

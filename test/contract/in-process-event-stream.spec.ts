import { InProcessEventStream } from '@plumbline/stream';
import { describeEventStream } from './event-stream.contract.js';

const maxQueueBytes = 4 * 1024 * 1024;

describeEventStream(
  'InProcessEventStream',
  async () => ({
    stream: new InProcessEventStream({
      partitions: 4,
      maxQueueBytes,
      maxBatchRecords: 500,
      onHandlerError: () => undefined,
    }),
    close: async () => undefined,
  }),
  { overload: { maxQueueBytes } },
);

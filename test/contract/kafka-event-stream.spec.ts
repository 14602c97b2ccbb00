import { describeWithKafka, startKafkaBroker, type KafkaBroker } from '../support/kafka-broker.js';
import { openKafkaStream } from '../support/kafka-stream.js';
import { describeEventStream } from './event-stream.contract.js';

describeWithKafka()('on a Kafka broker', () => {
  let broker: KafkaBroker;

  beforeAll(async () => {
    broker = await startKafkaBroker();
  }, 300_000);

  afterAll(async () => {
    await broker.stop();
  });

  describeEventStream('KafkaEventStream', async () => ({
    stream: await openKafkaStream(broker.brokers),
    close: async () => undefined,
  }));
});

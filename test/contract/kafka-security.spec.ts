import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configurationSchema } from '@plumbline/contracts';
import { kafkaOptionsOf, StreamSetupError } from '@plumbline/stream';
import { describeWithOwnKafka, KAFKA_USER, startKafkaBroker, type KafkaBroker } from '../support/kafka-broker.js';
import { openKafkaStream, uniqueTopicNames } from '../support/kafka-stream.js';
import { until } from '../support/until.js';

const TOPIC = 'plumbline.transitions';
type Listener = 'plain' | 'sasl' | 'tls' | 'saslTls' | 'mutualTls';

describeWithOwnKafka()('KafkaEventStream on secured listeners', () => {
  let broker: KafkaBroker;
  let dir: string;
  const file = (name: string) => join(dir, name);

  beforeAll(async () => {
    broker = await startKafkaBroker({ secured: true });
    dir = await mkdtemp(join(tmpdir(), 'plumbline-ca-'));
    const { ca, client, strangeClient } = broker.secured!;
    await writeFile(file('ca.pem'), ca);
    for (const [name, { certificate, key }] of Object.entries({ client, strangeClient })) {
      await writeFile(file(`${name}.pem`), certificate);
      await writeFile(file(`${name}.key`), key);
    }
  }, 300_000);

  afterAll(async () => {
    await broker.stop();
    await rm(dir, { recursive: true, force: true });
  });

  /** Opens a stream as the section `kafka` of a configuration says. */
  const open = async (listener: Listener, kafka: object) => {
    const brokers = listener === 'plain' ? broker.brokers : [broker.secured![listener]];
    const { connection } = await kafkaOptionsOf(configurationSchema.parse({ kafka: { brokers, ...kafka } }));
    return openKafkaStream(brokers, { connection, topicNames: uniqueTopicNames(), startTimeoutMs: 0 });
  };

  const login = (mechanism: string) => ({ sasl: { mechanism, ...KAFKA_USER } });
  const tls = () => ({ tls: { enabled: true, caFile: file('ca.pem') } });
  const mutualTls = (name: 'client' | 'strangeClient') => ({
    tls: { ...tls().tls, certificateFile: file(`${name}.pem`), keyFile: file(`${name}.key`) },
  });

  it.each<[string, Listener, () => object]>([
    ['PLAIN', 'sasl', () => login('plain')],
    ['SCRAM-SHA-256', 'sasl', () => login('scram-sha-256')],
    ['SCRAM-SHA-512', 'sasl', () => login('scram-sha-512')],
    ['TLS', 'tls', tls],
    ['SCRAM-SHA-512 over TLS', 'saslTls', () => ({ ...tls(), ...login('scram-sha-512') })],
    ['PLAIN over TLS', 'saslTls', () => ({ ...tls(), ...login('plain') })],
    ['TLS with a certificate of its own', 'mutualTls', () => mutualTls('client')],
  ])('publishes and receives by %s', async (_, listener, kafka) => {
    const stream = await open(listener, kafka());
    try {
      const received: string[] = [];
      await stream.subscribe(
        TOPIC,
        async ({ records }) => void received.push(...records.map(({ value }) => value.model)),
        { group: 'workers' },
      );
      await stream.publish(TOPIC, [{ key: 'p/m', value: { project: 'p', model: 'm' }, sizeBytes: 10 }]);
      await until('the record comes', () => received.length === 1 || undefined, 60_000);
    } finally {
      await stream.stop();
    }
  });

  it.each<[string, Listener, () => object, RegExp]>([
    ['no login where one is asked for', 'sasl', () => ({}), /asks for a login.*kafka\.sasl\.mechanism/],
    [
      'a wrong password (PLAIN)',
      'sasl',
      () => ({ sasl: { mechanism: 'plain', username: 'app', password: 'wrong' } }),
      /refuses the login of user "app".*kafka\.sasl\.password/,
    ],
    [
      'a wrong password (SCRAM)',
      'sasl',
      () => ({ sasl: { mechanism: 'scram-sha-256', username: 'app', password: 'wrong' } }),
      /refuses the login of user "app".*kafka\.sasl\.password/,
    ],
    ['TLS without the authority', 'tls', () => ({ tls: { enabled: true } }), /not trusted: set kafka\.tls\.caFile/],
    ['no certificate where one is asked for', 'mutualTls', tls, /asks for a certificate.*kafka\.tls\.certificateFile/],
    [
      'a certificate of an authority that the broker does not know',
      'mutualTls',
      () => mutualTls('strangeClient'),
      /asks for a certificate that it trusts.*kafka\.tls\.certificateFile/,
    ],
    ['TLS where none is spoken', 'plain', tls, /kafka\.tls\.enabled/],
    ['no TLS where it is spoken', 'tls', () => ({}), /kafka\.tls\.enabled/],
    ['a login where none is asked for', 'plain', () => login('plain'), /kafka\.sasl\.mechanism/],
  ])('says what to change for %s', async (_, listener, kafka, sentence) => {
    const error: unknown = await open(listener, kafka()).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StreamSetupError);
    expect((error as Error).message).toMatch(sentence);
  });

  it('says so when nobody listens, or when the name is unknown', async () => {
    const at = (address: string) =>
      openKafkaStream([], { connection: { brokers: [address], clientId: 'test' }, startTimeoutMs: 1 });
    await expect(at('127.0.0.1:9')).rejects.toThrow(/no Kafka broker listens at 127\.0\.0\.1:9: check kafka\.brokers/);
    await expect(at('kafka.invalid:9092')).rejects.toThrow(
      /kafka\.invalid:9092 cannot be resolved: check kafka\.brokers/,
    );
  });
});

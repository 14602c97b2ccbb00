import kafkajs from 'kafkajs';
import type { Message, Producer } from 'kafkajs';
import type { EventSender, Outcome } from './event-sender.js';
import { ANSWERED } from './http-sender.js';
import type { Batch, EventRef, Oracle } from './oracle.js';
import type { Report } from './report.js';
import type { SeededRandom } from './seeded-random.js';
import { trafficModels, wireOfLabel, wireOfPrediction } from './traffic.js';

/** A message that is no event, by the text that finds it among the dead letters. */
export interface SentPoison {
  readonly token: string;
  readonly topic: string;
  /** Whether the broker acknowledged it; otherwise it may be there or not. */
  readonly acknowledged: boolean;
}

/** How an event is wrapped. */
type Form = 'event' | 'array' | 'binary cloud event' | 'structured cloud event';

/** Writes events to the topics directly, as an external producer does: in every form, and with keys of its own choice. */
export class KafkaSender implements EventSender {
  readonly poison: SentPoison[] = [];
  private nextPoison = 0;

  private constructor(
    private readonly oracle: Oracle,
    private readonly report: Report,
    private readonly producer: Producer,
  ) {}

  static async connect(oracle: Oracle, report: Report, brokers: readonly string[]): Promise<KafkaSender> {
    const kafka = new kafkajs.Kafka({
      brokers: [...brokers],
      clientId: 'conservation',
      logLevel: kafkajs.logLevel.NOTHING,
      requestTimeout: 20_000,
      // A send that fails comes back by the oracle.
      retry: { retries: 2 },
    });
    const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
    await producer.connect();
    return new KafkaSender(oracle, report, producer);
  }

  async disconnect(): Promise<void> {
    await this.producer.disconnect();
  }

  async send(batch: Batch, random: SeededRandom, poison = 0.1): Promise<Outcome> {
    const form = random.pick<Form>(['event', 'array', 'binary cloud event', 'structured cloud event']);
    const messages = [...byModel(batch.events)].flatMap(([model, events]) =>
      this.messagesOf(batch.kind, model, events, form, random),
    );
    if (random.chance(poison)) await this.sendPoison(random);
    this.oracle.sent(batch);
    try {
      await this.producer.send({ topic: topicOf(batch.kind), messages, acks: -1, compression: compressionOf(random) });
    } catch {
      this.oracle.unknown(batch);
      this.report.count('Kafka sends without an answer');
      return 'unknown';
    }
    this.oracle.acknowledged(batch);
    this.report.count(`messages to Kafka as ${form}`, messages.length);
    this.report.count(ANSWERED);
    return 'acknowledged';
  }

  async sendPoison(random: SeededRandom): Promise<void> {
    const token = `poison-${this.nextPoison++}`;
    const topic = topicOf(random.chance(0.7) ? 'prediction' : 'label');
    let acknowledged = true;
    try {
      const key = random.pick([null, 'default/plain', token]);
      await this.producer.send({ topic, messages: [{ key, ...poisonMessage(token, random) }], acks: -1 });
    } catch {
      acknowledged = false;
    }
    this.poison.push({ token, topic, acknowledged });
    this.report.count('poison messages to Kafka');
  }

  private messagesOf(
    kind: Batch['kind'],
    model: number,
    events: readonly EventRef[],
    form: Form,
    random: SeededRandom,
  ): Message[] {
    const { name } = trafficModels[model]!;
    const values = events.map((event) => this.wireOf(kind, name, event));
    // Producers that know nothing of our keys, or use others, are put right by the consumer.
    const key = random.pick([`default/${name}`, `default/${name}`, null, `key-${random.integer(0, 100)}`]);
    if (form === 'array') return [{ key, value: JSON.stringify(values) }];
    if (form === 'event')
      return values.map((value) => ({ key, value: JSON.stringify({ project: 'default', ...value }) }));
    const type = `ai.plumbline.${kind}`;
    return values.map((data, i) => {
      const attributes = { specversion: '1.0', id: `${random.integer(0, 1e9)}-${i}`, source: '/conservation', type };
      if (form === 'structured cloud event') {
        const value = JSON.stringify({ ...attributes, datacontenttype: 'application/json', data });
        return { key, value, headers: { 'content-type': 'application/cloudevents+json' } };
      }
      const headers = Object.fromEntries(
        Object.entries(attributes).map(([attribute, text]) => [`ce_${attribute}`, text]),
      );
      return { key, value: JSON.stringify(data), headers: { ...headers, 'content-type': 'application/json' } };
    });
  }

  private wireOf(kind: Batch['kind'], name: string, event: EventRef): object {
    if (kind === 'prediction') return wireOfPrediction(name, this.oracle.factsOf(event));
    return wireOfLabel(name, this.oracle.traffic.labels(event.model, event.index)[event.edition]!);
  }
}

export function topicOf(kind: Batch['kind']): string {
  return `plumbline.${kind}s`;
}

function compressionOf(random: SeededRandom): number {
  return random.chance(0.3) ? kafkajs.CompressionTypes.GZIP : kafkajs.CompressionTypes.None;
}

function byModel(events: readonly EventRef[]): Map<number, EventRef[]> {
  const groups = new Map<number, EventRef[]>();
  for (const event of events) groups.set(event.model, [...(groups.get(event.model) ?? []), event]);
  return groups;
}

/** A message that must become exactly one dead letter, whose payload holds the token. */
function poisonMessage(token: string, random: SeededRandom): Pick<Message, 'value' | 'headers'> {
  const good = { model: 'plain', prediction_id: token };
  const text = (value: object): Pick<Message, 'value'> => ({ value: JSON.stringify(value) });
  return random.pick<() => Pick<Message, 'value' | 'headers'>>([
    () => ({ value: `{"broken": "${token}` }),
    () => ({ value: token }),
    () => ({ value: Buffer.concat([Buffer.from(`"${token}`), Buffer.of(0xff, 0xfe)]) }),
    () => text({ ...good, surprise: 1 }),
    () => text({ ...good, features: 7, label: {} }),
    () => text({ ...good, features: {}, timestamp: '1960-01-01T00:00:00Z', label: 1 }),
    () => text({ ...good, features: {}, timestamp: '2390-01-01T00:00:00Z', label: 1 }),
    () => ({
      value: `{"model":"plain","prediction_id":"${token}","features":{"__proto__":1},"label":{"__proto__":1}}`,
    }),
    () => ({ value: `{"model":"plain","prediction_id":"${token}","features":${'['.repeat(60)}${']'.repeat(60)}}` }),
    () => ({
      ...text({ specversion: '1.0', id: token, source: '/x', type: 'ai.plumbline.prediction' }),
      headers: { 'content-type': 'application/cloudevents+json' },
    }),
  ])();
}

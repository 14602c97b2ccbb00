import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configurationSchema } from '@plumbline/contracts';
import { kafkaOptionsOf } from './kafka-options-of.js';

const read = (kafka: object) => kafkaOptionsOf(configurationSchema.parse({ kafka }));

describe('kafkaOptionsOf', () => {
  it('needs the brokers only', async () => {
    expect(await read({ brokers: 'kafka-1:9092, kafka-2:9092' })).toMatchObject({
      connection: { brokers: ['kafka-1:9092', 'kafka-2:9092'], clientId: 'plumbline' },
      topicNames: { 'plumbline.predictions': 'plumbline.predictions' },
      acknowledgeTimeoutMs: 10_000,
      sessionTimeoutMs: 15_000,
    });
  });

  it('reads the PEM files of TLS and the login', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'plumbline-pem-'));
    try {
      const caFile = join(dir, 'ca.pem');
      await writeFile(caFile, 'the authority');
      const { connection } = await read({
        brokers: 'kafka:9093',
        tls: { enabled: 'true', caFile },
        sasl: { mechanism: 'scram-sha-512', username: 'app', password: 'secret' },
      });
      expect(connection).toEqual({
        brokers: ['kafka:9093'],
        clientId: 'plumbline',
        tls: { ca: 'the authority' },
        sasl: { mechanism: 'scram-sha-512', username: 'app', password: 'secret' },
      });
    } finally {
      await rm(dir, { recursive: true });
    }
  });

  it.each([
    ['a login without a way', { sasl: { username: 'app' } }, 'kafka.sasl.mechanism'],
    ['files without TLS', { tls: { caFile: 'ca.pem' } }, 'kafka.tls.enabled'],
    ['a certificate without key', { tls: { enabled: true, certificateFile: 'c.pem' } }, 'kafka.tls.keyFile'],
    ['a file that is not there', { tls: { enabled: true, caFile: 'absent.pem' } }, 'kafka.tls.caFile'],
  ])('refuses %s', async (_, kafka, setting) => {
    await expect(read({ brokers: 'kafka:9092', ...kafka })).rejects.toThrow(setting);
  });

  it.each([
    ['an address without port', { brokers: 'kafka' }],
    ['a URL', { brokers: 'http://kafka:9092' }],
    ['a topic name with a space', { topics: { labels: 'my labels' } }],
  ])('has a schema that refuses %s', (_, kafka) => {
    expect(configurationSchema.safeParse({ kafka }).success).toBe(false);
  });
});

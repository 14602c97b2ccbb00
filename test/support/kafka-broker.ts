import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import kafkajs from 'kafkajs';
import { freePorts } from './free-ports.js';
import { type ClientCertificate, type KafkaCertificates, makeKafkaCertificates } from './kafka-certificates.js';
import { kafkaCacheDir, kafkaClassPath, kafkaJarsAreCached } from './kafka-jars.js';
import { until } from './until.js';

const run = promisify(execFile);

export const KAFKA_USER = { username: 'app', password: 'app-secret' };

/** Addresses of the listeners that ask for something. All are of the same broker. */
export interface SecuredListeners {
  /** SASL PLAIN and SCRAM as KAFKA_USER, without TLS. */
  readonly sasl: string;
  readonly tls: string;
  /** SASL PLAIN and SCRAM as KAFKA_USER, over TLS. */
  readonly saslTls: string;
  /** Over TLS, for clients with a certificate of the authority only. */
  readonly mutualTls: string;
  /** PEM of the authority that signed the broker's certificate. */
  readonly ca: string;
  readonly client: ClientCertificate;
  /** Of a client that the authority does not know. */
  readonly strangeClient: ClientCertificate;
}

export interface KafkaBroker {
  /** Of the listener without TLS and without authentication. */
  readonly brokers: string[];
  /** There when asked for. */
  readonly secured: SecuredListeners | undefined;
  /** The broker's process; undefined for a broker that was there already (`KAFKA_BROKERS`). */
  readonly pid: number | undefined;
  /** Asks it to end, and removes its folder. Does nothing to a broker that was there already. */
  stop(): Promise<void>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same folder and addresses after `kill`; resolves when its topics can be read. */
  restart(): Promise<void>;
}

export interface KafkaBrokerOptions {
  readonly secured?: boolean;
  /** Further broker properties, which win over the harness's own. */
  readonly properties?: Readonly<Record<string, string>>;
}

/** Why a broker of our own cannot be started here; undefined when it can. */
export function whyNoOwnBroker(): string | undefined {
  const works = (command: string, arg: string) => spawnSync(command, [arg], { stdio: 'ignore' }).status === 0;
  if (!works('java', '-version')) return 'Java 17 is missing';
  if (!kafkaJarsAreCached() && !works('mvn', '-version')) return "Maven is missing, which fetches Kafka's jars";
  if (!works('openssl', 'version')) return 'openssl is missing';
  return undefined;
}

const existingBrokers = process.env['KAFKA_BROKERS'];

function describeUnless(reason: string | undefined): typeof describe {
  if (reason === undefined) return describe;
  console.warn(`skipped: the suites on a Kafka broker: ${reason}`);
  return describe.skip;
}

/** `describe` where there is a Kafka broker or one can be started; otherwise says why the suite is skipped, and skips it. */
export function describeWithKafka(): typeof describe {
  return describeUnless(existingBrokers ? undefined : whyNoOwnBroker());
}

/** As `describeWithKafka`, for suites that kill the broker or need listeners of their own. */
export function describeWithOwnKafka(): typeof describe {
  return describeUnless(
    existingBrokers ? 'KAFKA_BROKERS names a broker that is not ours to kill or to set up' : whyNoOwnBroker(),
  );
}

/** A Kafka broker of one node on free loopback ports and a folder of its own, or the one that `KAFKA_BROKERS` names. */
export async function startKafkaBroker(options: KafkaBrokerOptions = {}): Promise<KafkaBroker> {
  if (existingBrokers) {
    if (options.secured || options.properties) throw new Error('unset KAFKA_BROKERS: this needs a broker of its own');
    const notOurs = () => Promise.reject(new Error('the broker of KAFKA_BROKERS is not ours to kill'));
    return {
      brokers: existingBrokers.split(','),
      secured: undefined,
      pid: undefined,
      stop: () => Promise.resolve(),
      kill: notOurs,
      restart: notOurs,
    };
  }
  return OwnBroker.start(options);
}

/** A process that ends with this one, however this one ends: its standard input closes then. */
const WATCHED =
  'exec 3<&0; "$@" </dev/null & child=$!; echo "$child"; (cat <&3 >/dev/null; kill -KILL "$child" 2>/dev/null) & wait "$child"';

const JVM_OPTIONS = ['-Xmx512m', '-Xms128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Djava.awt.headless=true'];
const START_TIMEOUT_MS = 300_000;

class OwnBroker implements KafkaBroker {
  private watcher: ChildProcess | undefined;
  private javaPid: number | undefined;
  private newArchive: string | undefined;

  private constructor(
    private readonly dir: string,
    private readonly classPath: string,
    readonly brokers: string[],
    readonly secured: SecuredListeners | undefined,
  ) {}

  static async start(options: KafkaBrokerOptions): Promise<OwnBroker> {
    const classPath = await kafkaClassPath();
    const dir = await mkdtemp(join(tmpdir(), 'plumbline-kafka-'));
    const [plain, controller, sasl, tls, saslTls, mutualTls] = await freePorts(options.secured ? 6 : 2);
    const address = (port: number | undefined) => `127.0.0.1:${port}`;
    const certificates = options.secured ? await makeKafkaCertificates(dir) : undefined;
    const secured = certificates && {
      sasl: address(sasl),
      tls: address(tls),
      saslTls: address(saslTls),
      mutualTls: address(mutualTls),
      ca: certificates.ca,
      client: certificates.client,
      strangeClient: certificates.strangeClient,
    };
    const listeners: Record<string, string> = { PLAINTEXT: address(plain) };
    if (secured) {
      const { sasl: SASL, tls: SSL, saslTls: SASL_SSL, mutualTls: MUTUAL } = secured;
      Object.assign(listeners, { SASL, SSL, SASL_SSL, MUTUAL });
    }
    const listOf = (entries: Record<string, string>) =>
      Object.entries(entries)
        .map(([name, listener]) => `${name}://${listener}`)
        .join();
    const properties: Record<string, string> = {
      'process.roles': 'broker,controller',
      'node.id': '1',
      'controller.quorum.voters': `1@${address(controller)}`,
      listeners: listOf({ ...listeners, CONTROLLER: address(controller) }),
      'advertised.listeners': listOf(listeners),
      'inter.broker.listener.name': 'PLAINTEXT',
      'controller.listener.names': 'CONTROLLER',
      'listener.security.protocol.map':
        'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL:SASL_PLAINTEXT,SSL:SSL,SASL_SSL:SASL_SSL,MUTUAL:SSL',
      'log.dirs': join(dir, 'log'),
      'default.replication.factor': '1',
      'min.insync.replicas': '1',
      'offsets.topic.replication.factor': '1',
      'offsets.topic.num.partitions': '1',
      'transaction.state.log.replication.factor': '1',
      'transaction.state.log.min.isr': '1',
      'transaction.state.log.num.partitions': '1',
      'share.coordinator.state.topic.replication.factor': '1',
      'share.coordinator.state.topic.min.isr': '1',
      'share.coordinator.state.topic.num.partitions': '1',
      'group.initial.rebalance.delay.ms': '0',
      'group.min.session.timeout.ms': '1000',
      'auto.create.topics.enable': 'false',
      // After SIGKILL the controller waits for the dead session to end before it takes the broker back.
      'broker.session.timeout.ms': '3000',
      'broker.heartbeat.interval.ms': '500',
      ...(certificates && securityProperties(certificates)),
      ...options.properties,
    };
    const lines = Object.entries(properties).map(([name, value]) => `${name}=${value}\n`);
    await writeFile(join(dir, 'server.properties'), lines.join(''));
    const broker = new OwnBroker(dir, classPath, [address(plain)], secured);
    try {
      await broker.format();
      await broker.launch();
      return broker;
    } catch (error) {
      await broker.stop();
      throw error;
    }
  }

  get pid(): number | undefined {
    return this.javaPid;
  }

  async stop(): Promise<void> {
    await this.end('SIGTERM');
    if (this.newArchive && existsSync(this.newArchive)) await rename(this.newArchive, archivePath());
    await rm(this.dir, { recursive: true, force: true });
  }

  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  async restart(): Promise<void> {
    await this.launch();
  }

  private async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const { watcher, javaPid } = this;
    if (!watcher || javaPid === undefined) return;
    this.watcher = undefined;
    this.javaPid = undefined;
    const ended = watcher.exitCode === null && watcher.signalCode === null ? once(watcher, 'exit') : undefined;
    try {
      process.kill(javaPid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
    await ended;
    watcher.stdin?.end();
  }

  private async format(): Promise<void> {
    const scram = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
      '--add-scram',
      `${mechanism}=[name=${KAFKA_USER.username},password=${KAFKA_USER.password}]`,
    ]);
    await run('java', [
      ...[...JVM_OPTIONS, '-cp', this.classPath, 'kafka.tools.StorageTool', 'format', '--ignore-formatted'],
      // With an equals sign, since an id may begin with a dash.
      ...[`--cluster-id=${randomBytes(16).toString('base64url')}`, '-c', join(this.dir, 'server.properties')],
      ...(this.secured ? scram : []),
    ]);
  }

  /** Starts the process and waits until it can say where its topics end. */
  private async launch(): Promise<void> {
    const log = openSync(join(this.dir, 'broker.log'), 'a');
    const watcher = spawn(
      'sh',
      [
        '-c',
        WATCHED,
        'sh',
        'java',
        ...this.archiveOptions(),
        ...JVM_OPTIONS,
        ...LOG_OPTIONS,
        '-cp',
        this.classPath,
      ].concat('kafka.Kafka', join(this.dir, 'server.properties')),
      { stdio: ['pipe', 'pipe', log], cwd: this.dir },
    );
    this.watcher = watcher;
    const [pid] = (await once(createInterface(watcher.stdout!), 'line')) as [string];
    this.javaPid = Number(pid);
    const { Kafka, logLevel } = kafkajs;
    const kafka = new Kafka({ brokers: this.brokers, logLevel: logLevel.NOTHING, retry: { retries: 0 } });
    const admin = kafka.admin();
    try {
      await until(
        'the Kafka broker answers',
        async () => {
          if (watcher.exitCode !== null) throw new Error(`the Kafka broker ended:\n${await this.tailOfLog()}`);
          try {
            await admin.connect();
            const topics = (await admin.listTopics()).filter((topic) => !topic.startsWith('__'));
            // After a restart the broker answers before its partitions have leaders.
            await Promise.all(topics.map((topic) => admin.fetchTopicOffsets(topic)));
            return true;
          } catch {
            return undefined;
          }
        },
        START_TIMEOUT_MS,
      );
    } finally {
      await admin.disconnect();
    }
  }

  /** Loading classes from an archive halves the time to start. The first broker of a machine makes it when it ends. */
  private archiveOptions(): string[] {
    if (existsSync(archivePath())) return [`-XX:SharedArchiveFile=${archivePath()}`, '-Xshare:auto'];
    this.newArchive = join(kafkaCacheDir(), `classes-${randomBytes(4).toString('hex')}.jsa`);
    return [`-XX:ArchiveClassesAtExit=${this.newArchive}`];
  }

  private async tailOfLog(): Promise<string> {
    return (await readFile(join(this.dir, 'broker.log'), 'utf8')).slice(-4_000);
  }
}

const LOG_OPTIONS = ['-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-Dlog4j2.level=WARN'];

function archivePath(): string {
  return join(kafkaCacheDir(), 'classes.jsa');
}

function securityProperties({ keyStoreFile, trustStoreFile }: KafkaCertificates): Record<string, string> {
  const { username, password } = KAFKA_USER;
  const plain = `org.apache.kafka.common.security.plain.PlainLoginModule required user_${username}="${password}";`;
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;';
  const properties: Record<string, string> = {
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': keyStoreFile,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': trustStoreFile,
    'listener.name.mutual.ssl.client.auth': 'required',
  };
  for (const listener of ['sasl', 'sasl_ssl']) {
    properties[`listener.name.${listener}.plain.sasl.jaas.config`] = plain;
    properties[`listener.name.${listener}.scram-sha-256.sasl.jaas.config`] = scram;
    properties[`listener.name.${listener}.scram-sha-512.sasl.jaas.config`] = scram;
  }
  return properties;
}

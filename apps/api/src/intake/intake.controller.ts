import { channel } from 'node:diagnostics_channel';
import { Controller, HttpCode, Inject, Post, Req, UseInterceptors } from '@nestjs/common';
import { ApiAcceptedResponse, ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  BodyFault,
  COLUMNS_CONTENT_TYPE,
  type Configuration,
  dataOfCloudEvent,
  EventFault,
  type EventKind,
  type EventSlices,
  type IntakeContext,
  IntakeContexts,
  intakeReplySchema,
  type IntakeReply,
  type LabelEvent,
  parseLabel,
  parsePrediction,
  type PredictionEvent,
  readJson,
  splitEvents,
  structuredCloudEvent,
  type TopicName,
  type TopicRecords,
} from '@plumbline/contracts';
import { entityHasher } from '@plumbline/storage';
import { EventStream, type OutgoingRecord } from '@plumbline/stream';
import { CONFIGURATION } from '@plumbline/telemetry';
import type { FastifyRequest } from 'fastify';
import { NeedsScope } from '../auth/api-key.guard.js';
import { type Caller, CurrentCaller } from '../auth/caller.js';
import { problemOf } from '../http/problem-of.js';
import { Problem } from '../http/problem.js';
import { readBody } from '../http/read-body.js';
import { AcceptedStatus } from './accepted-status.js';
import { ByteBudget } from './byte-budget.js';
import { BODY_FAULT_STATUS } from './body-fault-status.js';
import { type CloudEventMode, cloudEventMode } from './cloud-event-mode.js';
import { decodeBody } from './decode-body.js';
import { type EventCollector, LabelCollector, PredictionCollector, recordsOfColumns } from './event-collectors.js';
import { eventFormat } from './event-format.js';
import { IntakeMetrics } from './intake.metrics.js';
import { KnownModels } from './known-models.js';
import { readColumns } from './read-columns.js';
import { readEvents } from './read-events.js';
import { Rejections } from './rejections.js';

/** How the events of a request are read and passed on. */
interface Way {
  readonly context: IntakeContext;
  /** Whether the bytes of events may go on as they came, and there is somebody who needs them. */
  readonly passOn: boolean;
  /** Whether it pays to look out for events that are alike. */
  readonly many: boolean;
}

/** How one kind of event goes from bytes to the stream. */
interface Kind<E, K extends TopicName> {
  readonly kind: EventKind;
  readonly parse: (raw: unknown, context: IntakeContext) => E | EventFault;
  readonly topic: K;
  readonly collector: (way: Way) => EventCollector<E, K>;
}

const PREDICTION: Kind<PredictionEvent, 'plumbline.predictions'> = {
  kind: 'prediction',
  parse: parsePrediction,
  topic: 'plumbline.predictions',
  collector: ({ context, many }) => new PredictionCollector(context, many),
};
const LABEL: Kind<LabelEvent, 'plumbline.labels'> = {
  kind: 'label',
  parse: parseLabel,
  topic: 'plumbline.labels',
  collector: ({ passOn }) => new LabelCollector(passOn),
};

/** What a request holds, ready for the stream. */
interface Taken<K extends TopicName> {
  readonly received: number;
  readonly records: readonly OutgoingRecord<TopicRecords[K]>[];
  readonly rejections: Rejections;
}

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  required: false,
  description: 'accepted and not needed: events carry ids, so sending a request again counts nothing twice',
};

/** JSON of predictions shrinks about tenfold; reserving the most that is allowed would refuse honest clients. */
const TYPICAL_COMPRESSION_RATIO = 20;
const OVERLOAD_RETRY_AFTER_MS = 1_000;
/** Events of a request from which on learning their form pays. */
const MANY_EVENTS = 16;
/** Events are durable and their sender does not know yet: the conservation harness ends the process there. */
const failpoints = channel('plumbline:failpoint');

/** With a broker between; see AcceptedStatus. */
const ACCEPTED = {
  standardSchema: intakeReplySchema,
  description: 'The accepted events are durable with the broker, and will be stored: a query may not see them yet.',
};

@ApiTags('intake')
@Controller('v1')
@UseInterceptors(AcceptedStatus)
export class IntakeController {
  private readonly contexts: IntakeContexts;
  private readonly decoding: ByteBudget;

  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    private readonly stream: EventStream,
    private readonly knownModels: KnownModels,
    private readonly metrics: IntakeMetrics,
  ) {
    this.contexts = new IntakeContexts(configuration, entityHasher(configuration.entityHashKey));
    this.decoding = new ByteBudget(configuration.stream.maxQueueBytes);
  }

  @Post('predictions')
  @HttpCode(200)
  @NeedsScope('ingest')
  @ApiOperation({
    summary: 'Take predictions',
    description:
      'One object, a JSON array, NDJSON, columns (`application/vnd.plumbline.columns+json`: one object with a list wherever one prediction has a value), or CloudEvents (binary, structured, batch) whose type is `ai.plumbline.prediction` and whose data is the object; gzip is understood. 200 means that the accepted events are stored, 202 that a broker keeps them until they are; those refused are listed one by one. When every event is refused the answer is 400, with the same members beside those of a problem.',
  })
  @ApiHeader(IDEMPOTENCY_KEY)
  @ApiOkResponse({ standardSchema: intakeReplySchema })
  @ApiAcceptedResponse(ACCEPTED)
  async predictions(@Req() request: FastifyRequest, @CurrentCaller() caller: Caller): Promise<IntakeReply> {
    return this.take(request, caller, PREDICTION, () =>
      isColumns(request) ? this.readColumns(request, caller) : this.readEvents(request, caller, PREDICTION),
    );
  }

  @Post('labels')
  @HttpCode(200)
  @NeedsScope('ingest')
  @ApiOperation({
    summary: 'Take labels: what turned out to be true',
    description:
      'As for predictions; as CloudEvents of type `ai.plumbline.label`. A label may come before its prediction, more than once, or corrected: of two labels the one with the later timestamp holds.',
  })
  @ApiHeader(IDEMPOTENCY_KEY)
  @ApiOkResponse({ standardSchema: intakeReplySchema })
  @ApiAcceptedResponse(ACCEPTED)
  async labels(@Req() request: FastifyRequest, @CurrentCaller() caller: Caller): Promise<IntakeReply> {
    return this.take(request, caller, LABEL, () => this.readEvents(request, caller, LABEL));
  }

  private async take<K extends TopicName>(
    request: FastifyRequest,
    caller: Caller,
    kind: Pick<Kind<never, K>, 'kind' | 'topic'>,
    read: () => Promise<Taken<K> | BodyFault>,
  ): Promise<IntakeReply> {
    const bytes = this.mostDecodedBytes(request);
    if (!this.decoding.take(bytes)) {
      this.metrics.refusedRequests.inc({ kind: kind.kind, reason: 'overloaded' });
      throw new Problem(429, 'too much is being decoded at this moment: send it again', {
        retryAfterMs: OVERLOAD_RETRY_AFTER_MS,
      });
    }
    try {
      return await this.readAndPublish(kind, read);
    } finally {
      this.decoding.give(bytes);
    }
  }

  /** What the request may take in memory once decoded, as far as its head tells. */
  private mostDecodedBytes({ headers }: FastifyRequest): number {
    const { maxBodyBytes, maxDecodedBytes, maxCompressionRatio } = this.configuration.intake;
    const length = Math.min(Number(headers['content-length'] ?? maxBodyBytes), maxBodyBytes);
    const compressed = (headers['content-encoding'] ?? 'identity') !== 'identity';
    return Math.min(
      compressed ? length * Math.min(TYPICAL_COMPRESSION_RATIO, maxCompressionRatio) : length,
      maxDecodedBytes,
    );
  }

  private async readAndPublish<K extends TopicName>(
    { kind, topic }: Pick<Kind<never, K>, 'kind' | 'topic'>,
    read: () => Promise<Taken<K> | BodyFault>,
  ): Promise<IntakeReply> {
    const stopTimer = this.metrics.durationSeconds.startTimer({ kind });
    const taken = await read();
    if (taken instanceof BodyFault) {
      this.metrics.refusedRequests.inc({ kind, reason: taken.reason });
      throw new Problem(BODY_FAULT_STATUS[taken.reason], taken.message);
    }
    const { received, records, rejections } = taken;
    this.metrics.received.inc({ kind }, received);
    for (const [reason, count] of rejections.byReason) this.metrics.rejected.inc({ kind, reason }, count);
    try {
      await this.stream.publish(topic, records);
      if (failpoints.hasSubscribers) failpoints.publish(`after publish ${topic}`);
    } catch (error) {
      this.metrics.refusedRequests.inc({ kind, reason: (error as { reason?: string }).reason ?? 'failed' });
      throw error instanceof RangeError ? new Problem(413, error.message) : problemOf(error);
    }
    stopTimer();
    const reply = {
      accepted: received - rejections.count,
      rejected_count: rejections.count,
      rejected: rejections.listed,
    };
    if (reply.accepted === 0 && reply.rejected_count > 0) throw allRefused(reply);
    return reply;
  }

  private async readEvents<E extends object, K extends TopicName>(
    request: FastifyRequest,
    caller: Caller,
    kind: Kind<E, K>,
  ): Promise<Taken<K> | BodyFault> {
    const mode = cloudEventMode(request.headers);
    const body = await this.readSlices(request, mode);
    if (body instanceof BodyFault) return body;
    const context = await this.contextOf(caller);
    const collector = kind.collector({
      context,
      // In process nobody needs the bytes, and they would hold the whole body in memory.
      passOn: this.stream.publishMeans === 'queued' && mode === undefined,
      many: body.slices.length >= MANY_EVENTS && mode === undefined,
    });
    const rejections = await readEvents(body.slices, parserOf(kind, mode), context, collector);
    return { received: body.slices.length, records: collector.records(), rejections };
  }

  private async readColumns(
    request: FastifyRequest,
    caller: Caller,
  ): Promise<Taken<'plumbline.predictions'> | BodyFault> {
    const body = await this.readDecoded(request);
    if (body instanceof BodyFault) return body;
    const rejections = new Rejections();
    const raw = readJson(body);
    const context = await this.contextOf(caller);
    const parsed =
      raw instanceof EventFault ? raw : await readColumns(raw, context, this.configuration.intake.maxEvents);
    if (parsed instanceof BodyFault) return parsed;
    if (parsed instanceof EventFault) {
      rejections.add(0, parsed);
      return { received: 1, records: [], rejections };
    }
    for (const { index, fault } of parsed.rejected) rejections.add(index, fault);
    return { received: parsed.rows, records: recordsOfColumns(parsed.batches, body.length), rejections };
  }

  private async contextOf({ project }: Caller): Promise<IntakeContext> {
    const nowMs = Date.now();
    return this.contexts.create(project, nowMs, await this.modelCheck(project, nowMs));
  }

  private async readSlices(request: FastifyRequest, mode: CloudEventMode): Promise<EventSlices | BodyFault> {
    const format = eventFormat(request.headers['content-type']);
    if (format instanceof BodyFault) return format;
    const decoded = await this.readDecoded(request);
    if (decoded instanceof BodyFault) return decoded;
    // In binary mode the whole body is the data of one event.
    return typeof mode === 'object'
      ? { slices: [decoded], single: true }
      : splitEvents(decoded, format, this.configuration.intake.maxEvents);
  }

  private async readDecoded({ raw, headers }: FastifyRequest): Promise<Buffer | BodyFault> {
    const body = await readBody(raw, this.configuration.intake.maxBodyBytes);
    return decodeBody(body, headers['content-encoding'], this.configuration.intake);
  }

  private async modelCheck(project: string, nowMs: number): Promise<(model: string) => boolean> {
    return this.configuration.intake.unknownModels === 'refuse' ? this.knownModels.of(project, nowMs) : () => true;
  }
}

function isColumns({ headers }: FastifyRequest): boolean {
  return headers['content-type']?.split(';')[0]?.trim().toLowerCase() === COLUMNS_CONTENT_TYPE;
}

/** The parser of a kind of event, for the way in which the request carries it. */
function parserOf<E, K extends TopicName>(
  { kind, parse }: Kind<E, K>,
  mode: CloudEventMode,
): (raw: unknown, context: IntakeContext) => E | EventFault {
  if (mode === undefined) return parse;
  return (raw, context) => {
    const event = mode === 'structured' ? structuredCloudEvent(raw) : { attributes: mode, data: raw };
    if (event instanceof EventFault) return event;
    const data = dataOfCloudEvent(event.attributes, event.data, kind);
    return data instanceof EventFault ? data : parse(data, context);
  };
}

function allRefused(reply: IntakeReply): Problem {
  const { field, message } = reply.rejected[0]!;
  const first = field === '' ? message : `${field} ${message}`;
  const detail =
    reply.rejected_count === 1 ? first : `all ${reply.rejected_count} events were refused; the first: ${first}`;
  return new Problem(400, detail, { extensions: { ...reply } });
}

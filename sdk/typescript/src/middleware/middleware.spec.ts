import type { AddressInfo } from 'node:net';
import 'reflect-metadata';
import { Body, Controller, HttpException, Module, Post, UseInterceptors } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import express, { type ErrorRequestHandler } from 'express';
import fastify from 'fastify';
import { until } from '../../../../test/support/until.js';
import { MemoryTransport } from '../memory-transport.js';
import { Plumbline } from '../plumbline.js';
import type { PlumblineError } from '../plumbline-error.js';
import { plumblineExpress } from './express.js';
import { plumblineFastify } from './fastify.js';
import { PlumblineInterceptor } from './nest-interceptor.js';
import type { RequestLog, RequestLogOptions } from './request-log.js';

interface Asked {
  readonly body: { readonly age: number; readonly fail?: string };
}
interface Answered {
  readonly score: number;
  readonly id: string;
}
interface Service {
  readonly url: string;
  close(): Promise<unknown>;
}

const options: RequestLogOptions<Asked, Answered> = {
  version: '2',
  features: ({ body }) => ({ age: body.age }),
  prediction: ({ score }) => ({ score }),
  tags: () => ({ route: '/score' }),
  entityId: () => 'customer',
};

/** What each service does with a request, after it has asked for the log of the request. */
function score({ age, fail }: Asked['body'], log: RequestLog): Answered {
  if (fail === 'crash') throw new TypeError(`cannot score ${age}`);
  if (fail === 'said') log.set({ features: { age, from: 'handler' }, prediction: { label: 'yes' }, traceId: 't-1' });
  return { score: age / 100, id: log.predictionId };
}

async function startExpress(client: Plumbline): Promise<Service> {
  const app = express().use(express.json());
  app.post('/score', plumblineExpress(client, options), (request, response) => {
    const body = request.body;
    if (body.fail === 'refuse') response.status(422).json({ error: 'no' });
    else response.json(score(body, response.locals['plumbline'] as RequestLog));
  });
  const quiet: ErrorRequestHandler = (_error, _request, response, _next) => void response.status(500).end();
  app.use(quiet);
  const server = app.listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  const close = () => new Promise((closed) => server.close(closed));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

async function startFastify(client: Plumbline): Promise<Service> {
  const app = fastify();
  app.register(async (scope) => {
    plumblineFastify(scope, client, options);
    scope.post('/score', async (request, reply) => {
      const body = request.body as Asked['body'];
      if (body.fail === 'refuse') return reply.status(422).send({ error: 'no' });
      return score(body, (request as unknown as { readonly plumbline: RequestLog }).plumbline);
    });
  });
  return { url: await app.listen({ port: 0, host: '127.0.0.1' }), close: () => app.close() };
}

async function startNest(client: Plumbline): Promise<Service> {
  @Controller()
  class ScoreController {
    @Post('score')
    @UseInterceptors(new PlumblineInterceptor(client, options))
    score(@Body() body: Asked['body']): Answered {
      if (body.fail === 'refuse') throw new HttpException('no', 422);
      return score(body, logs.at(-1)!);
    }
  }
  // Runs after the interceptor under test, as a handler that reads `request.plumbline` would.
  const logs: RequestLog[] = [];
  @Module({ controllers: [ScoreController] })
  class ScoreModule {}
  const app = await NestFactory.create<NestFastifyApplication>(ScoreModule, new FastifyAdapter(), { logger: false });
  app.useGlobalInterceptors();
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('preHandler', async (request) => {
      Object.defineProperty(request, 'plumbline', { set: (log: RequestLog) => logs.push(log), get: () => logs.at(-1) });
    });
  await app.listen(0, '127.0.0.1');
  return { url: await app.getUrl(), close: () => app.close() };
}

describe.each([
  ['Express', startExpress],
  ['Fastify', startFastify],
  ['Nest', startNest],
])('logging of requests in %s', (_name, start) => {
  let memory: MemoryTransport;
  let client: Plumbline;
  let service: Service;
  const errors: PlumblineError[] = [];

  beforeEach(async () => {
    errors.length = 0;
    memory = new MemoryTransport();
    client = new Plumbline({ model: 'm', transport: memory, onError: (error) => errors.push(error) });
    service = await start(client);
  });
  afterEach(async () => {
    await service.close();
    await client.close();
  });

  const post = async (body: object): Promise<{ status: number; reply: Partial<Answered> }> => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${service.url}/score`, { method: 'POST', headers, body: JSON.stringify(body) });
    const text = await response.text();
    return { status: response.status, reply: text.startsWith('{') ? (JSON.parse(text) as Partial<Answered>) : {} };
  };
  const logged = async (count: number) =>
    until('the request is logged', async () => {
      await client.flush();
      return memory.predictions.length >= count ? memory.predictions : undefined;
    });

  it('logs features, answer, latency, and the id that the handler answered', async () => {
    const { reply } = await post({ age: 41 });
    const [event] = await logged(1);
    expect(event).toMatchObject({
      model: 'm',
      version: '2',
      prediction_id: reply.id,
      features: { age: 41 },
      prediction: { score: 0.41 },
      tags: { route: '/score' },
      entity_id: 'customer',
    });
    expect(event!.latency_ms).toBeGreaterThan(0);
    expect(event).not.toHaveProperty('error');
  });

  it('logs an error by its class, not its text', async () => {
    const { status } = await post({ age: 41, fail: 'crash' });
    expect(status).toBe(500);
    const [event] = await logged(1);
    expect(event).toMatchObject({
      features: { age: 41 },
      error: expect.stringMatching(/^(TypeError|HTTP 500)$/) as string,
    });
    expect(event).not.toHaveProperty('prediction');
    expect(JSON.stringify(event)).not.toContain('cannot score');
  });

  it('lets the handler say more', async () => {
    await post({ age: 41, fail: 'said' });
    const [event] = await logged(1);
    expect(event).toMatchObject({
      features: { age: 41, from: 'handler' },
      prediction: { label: 'yes' },
      trace_id: 't-1',
    });
  });

  it('takes no prediction from a request that the service refused', async () => {
    expect((await post({ age: 41, fail: 'refuse' })).status).toBe(422);
    await post({ age: 42 });
    expect(await logged(1)).toMatchObject([{ features: { age: 42 } }]);
  });

  it('does no harm when the functions of the service fail', async () => {
    await service.close();
    await client.close();
    client = new Plumbline({
      model: 'm',
      transport: memory,
      onError: (error) => errors.push(error),
      beforeSend: () => {
        throw new Error('oops');
      },
    });
    service = await start(client);
    expect((await post({ age: 41 })).status).toBeLessThan(300);
    await until('it is told', () => errors[0]);
    expect(errors).toMatchObject([{ reason: 'before_send_failed' }]);
  });
});

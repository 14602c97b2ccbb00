import { type CallHandler, type ExecutionContext, HttpStatus, Injectable, type NestInterceptor } from '@nestjs/common';
import { EventStream } from '@plumbline/stream';
import type { FastifyReply } from 'fastify';

/**
 * Answers 202 instead of 200 where events are durable with the broker but not yet in the tables: they will be, and a query
 * may not see them for a moment.
 */
@Injectable()
export class AcceptedStatus implements NestInterceptor {
  constructor(private readonly stream: EventStream) {}

  intercept(context: ExecutionContext, next: CallHandler): ReturnType<CallHandler['handle']> {
    if (this.stream.publishMeans === 'queued') {
      void context.switchToHttp().getResponse<FastifyReply>().status(HttpStatus.ACCEPTED);
    }
    return next.handle();
  }
}

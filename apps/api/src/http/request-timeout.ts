import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { type Configuration, parseDuration } from '@plumbline/contracts';
import { CONFIGURATION } from '@plumbline/telemetry';
import { type Observable, timeout } from 'rxjs';
import { Problem } from './problem.js';

/** Marks a handler whose work grows with what it is given, so that no time is too long in itself. */
export const LongRunning = Reflector.createDecorator<true>();

/** Answers 503 when a request takes longer than configured. The work goes on: sending again is harmless, ids see to that. */
@Injectable()
export class RequestTimeout implements NestInterceptor {
  private readonly timeoutMs: number;

  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    private readonly reflector: Reflector,
  ) {
    this.timeoutMs = parseDuration(configuration.http.requestTimeout);
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (this.reflector.get(LongRunning, context.getHandler())) return next.handle();
    const detail = `the request took longer than ${this.configuration.http.requestTimeout}: send it again`;
    const answer = (): never => {
      throw new Problem(503, detail, { retryAfterMs: 1_000 });
    };
    return next.handle().pipe(timeout({ each: this.timeoutMs, with: answer }));
  }
}

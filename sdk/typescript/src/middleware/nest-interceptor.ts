import type { Plumbline } from '../plumbline.js';
import { RequestLog, type RequestLogOptions } from './request-log.js';

interface Observer<T> {
  next(value: T): void;
  error(error: unknown): void;
  complete(): void;
}
/** What of an rxjs Observable is used. */
interface ObservableLike<T> {
  subscribe(observer: Observer<T>): { unsubscribe(): void };
}
type ObservableClass<O> = new (subscribe: (observer: Observer<unknown>) => { unsubscribe(): void }) => O;

interface ContextLike {
  switchToHttp(): { getRequest<T>(): T };
}
interface HandlerLike<O> {
  handle(): O;
}

/**
 * A Nest interceptor that logs what its handlers answer as predictions, with latency and errors. A handler finds its `RequestLog` in `request.plumbline`.
 *
 * @example @UseInterceptors(new PlumblineInterceptor(plumbline, { features: (request) => request.body }))
 */
export class PlumblineInterceptor<Request extends object = { readonly body?: unknown }, Answer = unknown> {
  constructor(
    private readonly client: Plumbline,
    private readonly options: RequestLogOptions<Request, Answer> = {},
  ) {}

  intercept<O extends ObservableLike<unknown>>(context: ContextLike, next: HandlerLike<O>): O {
    const request = context.switchToHttp().getRequest<Request>();
    const log = new RequestLog<Request>(this.client, request, this.options);
    Object.assign(request, { plumbline: log });
    const source = next.handle();
    // Of the same class as what Nest handed over, so that the SDK needs no rxjs of its own.
    const Observable = source.constructor as ObservableClass<O>;
    return new Observable((observer) =>
      source.subscribe({
        next: (answer) => {
          log.end({ answer });
          observer.next(answer);
        },
        error: (error) => {
          log.end({ status: statusOf(error), error });
          observer.error(error);
        },
        complete: () => {
          log.end({});
          observer.complete();
        },
      }),
    );
  }
}

/** Status that Nest will answer an HttpException with. */
function statusOf(error: unknown): number | undefined {
  const { getStatus } = (error ?? {}) as { readonly getStatus?: unknown };
  const status: unknown = typeof getStatus === 'function' ? getStatus.call(error) : undefined;
  return typeof status === 'number' ? status : undefined;
}

import type { Plumbline } from '../plumbline.js';
import { RequestLog, type RequestLogOptions } from './request-log.js';

/** What of Express's response is used, versions 4 and 5. */
interface ExpressResponse {
  readonly locals: Record<string, unknown>;
  readonly statusCode: number;
  readonly writableFinished: boolean;
  json(body: unknown): unknown;
  once(event: 'close', listener: () => void): unknown;
}

/**
 * Returns an Express middleware that logs each request as a prediction, with its latency and how it ended. The handler finds its `RequestLog` in
 * `response.locals.plumbline`; with `prediction` what it answers by `response.json` is read.
 *
 * @example app.post('/score', plumblineExpress(plumbline, { features: (request) => request.body }), score);
 */
export function plumblineExpress<Request, Answer = unknown>(
  client: Plumbline,
  options: RequestLogOptions<Request, Answer> = {},
): (request: Request, response: ExpressResponse, next: () => void) => void {
  return (request, response, next) => {
    const log = new RequestLog(client, request, options);
    response.locals['plumbline'] = log;
    let answer: unknown;
    const json = response.json.bind(response);
    response.json = (body) => {
      answer = body;
      return json(body);
    };
    // After an answer, and when the caller has gone before there was one: then nobody knows what it would have been.
    response.once('close', () => {
      if (response.writableFinished) log.end({ status: response.statusCode, answer });
    });
    next();
  };
}

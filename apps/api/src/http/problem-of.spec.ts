import { NotFoundException } from '@nestjs/common';
import { StorageError } from '@plumbline/storage';
import { StreamOverloadedError, StreamStoppedError, StreamUnavailableError } from '@plumbline/stream';
import { problemOf } from './problem-of.js';
import { Problem } from './problem.js';

describe('problemOf', () => {
  it.each<[string, unknown, number, number | undefined]>([
    ['a problem', new Problem(418, 'x'), 418, undefined],
    ['a full queue', new StreamOverloadedError('full', 1_500), 429, 1_500],
    ['a broker that does not acknowledge', new StreamUnavailableError('secret'), 503, 5_000],
    ['a stopping stream', new StreamStoppedError(), 503, 5_000],
    ['a store that is away', new StorageError('x', 'unavailable', true), 503, 5_000],
    ['a statement that the store refuses', new StorageError('x', 'rejected', false), 500, undefined],
    ['an exception of Nest', new NotFoundException('no route'), 404, undefined],
    ['an error of Fastify', Object.assign(new Error('bad URL'), { statusCode: 400 }), 400, undefined],
    ['an error nobody foresaw', new TypeError('secret'), 500, undefined],
    ['anything thrown', 'secret', 500, undefined],
  ])('answers %s', (_name, error, status, retryAfterMs) => {
    const problem = problemOf(error);
    expect(problem).toMatchObject({ status });
    expect(problem.options.retryAfterMs).toBe(retryAfterMs);
    expect(problem.detail).not.toContain('secret');
  });

  it('survives null', () => {
    expect(problemOf(null).status).toBe(500);
  });
});

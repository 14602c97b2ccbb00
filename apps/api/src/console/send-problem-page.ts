import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Problem } from '../http/problem.js';
import { PAGE_HEADERS } from './page-headers.js';
import { withQuery } from './paths.js';
import { renderProblemPage } from './problem-page.js';
import { ReturnNeeded } from './return-needed.js';
import { renderReturnPage } from './return-page.js';
import { SignInNeeded } from './sign-in-needed.js';
import { visitOf } from './visit.js';

/** Whether a person looks at the answer, and not a program. */
export function isForPerson({ url, headers }: FastifyRequest): boolean {
  return !/^\/v1(\/|$|\?)/.test(url) && (headers.accept ?? '').includes('text/html');
}

/** Answers an error as a page, or leads to the sign-in. */
export async function sendProblemPage(problem: Problem, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  void reply.headers({ ...PAGE_HEADERS });
  if (problem instanceof SignInNeeded) {
    await reply
      .status(303)
      .header('location', withQuery('/sign-in', { next: problem.next }))
      .send('');
  } else if (problem instanceof ReturnNeeded) {
    await reply.status(200).send(renderReturnPage(problem.path));
  } else {
    await reply.status(problem.status).send(renderProblemPage(problem, request.id, visitOf(request)));
  }
}

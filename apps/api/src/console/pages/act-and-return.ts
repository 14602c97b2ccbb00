import type { FastifyReply } from 'fastify';
import { Problem } from '../../http/problem.js';
import { seeOther } from '../see-other.js';

/**
 * Does what a form asks for and leads back to a page, which says what was done. Where the thing stands otherwise by now, because
 * somebody else was faster, the page says that instead.
 * @param act returns the sentence about what was done
 * @throws Problem of any status but 409
 */
export async function actAndReturn(reply: FastifyReply, path: string, act: () => Promise<string>): Promise<void> {
  let notice: Parameters<typeof seeOther>[2];
  try {
    notice = await act();
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 409) throw error;
    notice = { tone: 'warning', text: `Nothing was changed: ${error.detail}.` };
  }
  await seeOther(reply, path, notice);
}

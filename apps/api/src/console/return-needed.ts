import { Problem } from '../http/problem.js';

/**
 * A link elsewhere led here. Browsers do not send a SameSite=Strict cookie then, so nobody seems to be signed in; they do when a
 * page of ours leads to the same address.
 */
export class ReturnNeeded extends Problem {
  constructor(readonly path: string) {
    super(401, 'open the address once more: a link elsewhere led here, and browsers show no session then');
  }
}

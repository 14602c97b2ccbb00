import { Problem } from '../http/problem.js';

/** Nobody is signed in: browsers are led to the sign-in. */
export class SignInNeeded extends Problem {
  constructor(
    /** Where to go on afterwards. */
    readonly next: string,
  ) {
    super(401, 'sign in with an API key at /sign-in, or use the API under /v1 with the key');
  }
}

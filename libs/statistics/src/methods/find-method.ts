import type { Method } from './method.js';
import { type MethodId, methodIds, methods } from './methods.js';

/** There is no method of this id; the message names those that there are. */
export class UnknownMethodError extends RangeError {
  override readonly name = 'UnknownMethodError';
  constructor(readonly id: string) {
    super(`there is no method "${id}": use one of ${methodIds.join(', ')}`);
  }
}

/** Returns the method of an id. @throws UnknownMethodError */
export function findMethod(id: string): Method {
  if (!Object.hasOwn(methods, id)) throw new UnknownMethodError(id);
  return methods[id as MethodId];
}

import { createHmac } from 'node:crypto';

/** Returns the function that gives what stands for a data subject in the store: 16 hex digits of a keyed hash. */
export function entityHasher(key: string): (entityId: string) => string {
  return (entityId) => createHmac('sha256', key).update(entityId).digest('hex').slice(0, 16);
}

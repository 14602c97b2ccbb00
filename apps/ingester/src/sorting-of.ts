import { createHash } from 'node:crypto';
import type { DeadLetter } from '@plumbline/storage';

/**
 * Returns what stands for the choice of these events as dead letters; "" when there are none. It belongs to the identity of what
 * is stored: on another delivery the same records may be sorted otherwise, since a model may be registered in between, and the engine
 * drops an insert under a used token, whatever it holds.
 */
export function sortingOf(letters: readonly DeadLetter[]): string {
  if (letters.length === 0) return '';
  const positions = letters.map(({ position, predictionId }) => `${position} ${predictionId}`).join('\n');
  return `:${createHash('sha256').update(positions).digest('hex').slice(0, 16)}`;
}

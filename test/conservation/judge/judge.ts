import type { Store } from '@plumbline/storage';
import type { SentPoison } from '../kafka-sender.js';
import type { Run } from '../run.js';
import { judgeAlerts, type Verdicts } from './judge-alerts.js';
import { judgeCells } from './judge-cells.js';
import { judgeDeadLetters } from './judge-dead-letters.js';
import { judgeLabels } from './judge-labels.js';
import { judgeNotifications, judgeRetraining } from './judge-notifications.js';
import { judgePredictions } from './judge-predictions.js';

/**
 * Judges a system that has come to rest by what lies in its store and what its receiver was told.
 * @param undisturbed what the same data came to without faults
 * @param poison messages that were no events
 */
export async function judge(
  { oracle, receiver, report }: Run,
  store: Store,
  undisturbed: Verdicts,
  poison: readonly SentPoison[],
): Promise<void> {
  await judgeDeadLetters(store, poison, report);
  await judgePredictions(store, oracle, report);
  await judgeLabels(store, oracle, report);
  await judgeCells(store, oracle, report);
  await judgeAlerts(store, undisturbed, report);
  await judgeNotifications(store, receiver.notifications, report);
  await judgeRetraining(store, receiver.retrainings, report);
}

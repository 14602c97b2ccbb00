import type { ReceiverDeclaration } from '@plumbline/contracts';
import { listReceivers, type Store, type StoredReceiver } from '@plumbline/storage';

/** A receiver that is to be told of alerts. */
export interface ActiveReceiver {
  readonly receiver: string;
  readonly declaration: ReceiverDeclaration;
  /** It is not told of what was decided before. */
  readonly createdAtMs: number;
  /** undefined for the console of a project that has no receiver. */
  readonly stored: StoredReceiver | undefined;
}

const CONSOLE: ActiveReceiver = {
  receiver: 'console',
  declaration: { channel: 'console', send_resolved: true },
  createdAtMs: 0,
  stored: undefined,
};

/** Returns whom a project wants to be told, never nobody: without a receiver that is the console. */
export async function activeReceivers(store: Store, project: string): Promise<ActiveReceiver[]> {
  const receivers = (await listReceivers(store, project)).filter(({ state }) => state === 'active');
  return receivers.length === 0 ? [CONSOLE] : receivers.map((stored) => ({ ...stored, stored }));
}

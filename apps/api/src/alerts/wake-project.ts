import { wakeAlerter } from '@plumbline/platform';
import { listOpenAlertModels, type Store } from '@plumbline/storage';
import type { EventStream } from '@plumbline/stream';
import type { Logger } from '@plumbline/telemetry';

/**
 * Wakes whoever tells of the alerts of a project, because who is told of what has changed: the owners of the models of which alerts
 * fire, and of the groups that name no model.
 */
export async function wakeProject(store: Store, stream: EventStream, logger: Logger, project: string): Promise<void> {
  for (const model of [...(await listOpenAlertModels(store, project)), '']) {
    await wakeAlerter(stream, logger, { project, model });
  }
}

import type { Configuration } from '@plumbline/contracts';
import type { Store } from '@plumbline/storage';
import type { EventStream } from '@plumbline/stream';
import type { Health, Logger, Metrics } from '@plumbline/telemetry';

/** What every app is given by the process it runs in. */
export interface Platform {
  readonly configuration: Configuration;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly health: Health;
  readonly store: Store;
  readonly stream: EventStream;
}

import type { Migration } from './migration.js';
import { migration0001Registry } from './0001-registry.js';
import { migration0002Events } from './0002-events.js';
import { migration0003Cells } from './0003-cells.js';
import { migration0004Evaluation } from './0004-evaluation.js';
import { migration0005AlertingDelivery } from './0005-alerting-delivery.js';
import { migration0006HourCells } from './0006-hour-cells.js';
import { migration0007DeadLetters } from './0007-dead-letters.js';
import { migration0008Requests } from './0008-requests.js';
import { migration0009AlertActions } from './0009-alert-actions.js';
import { migration0010RetrainingLoop } from './0010-retraining-loop.js';
import { migration0011Notify } from './0011-notify.js';
import { migration0012MeasurementRevisions } from './0012-measurement-revisions.js';
import { migration0013PerformanceSums } from './0013-performance-sums.js';
import { migration0014References } from './0014-references.js';
import { migration0015Segments } from './0015-segments.js';
import { migration0016SampleWeights } from './0016-sample-weights.js';
import { migration0017DurableMerges } from './0017-durable-merges.js';

/** All migrations in order. Never edit one that was released: its checksum is recorded in every database. */
export const migrations: readonly Migration[] = [
  migration0001Registry,
  migration0002Events,
  migration0003Cells,
  migration0004Evaluation,
  migration0005AlertingDelivery,
  migration0006HourCells,
  migration0007DeadLetters,
  migration0008Requests,
  migration0009AlertActions,
  migration0010RetrainingLoop,
  migration0011Notify,
  migration0012MeasurementRevisions,
  migration0013PerformanceSums,
  migration0014References,
  migration0015Segments,
  migration0016SampleWeights,
  migration0017DurableMerges,
];

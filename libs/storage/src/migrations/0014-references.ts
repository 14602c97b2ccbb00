import type { Migration } from './migration.js';

/** What a reference is made of beyond its bins. */
export const migration0014References: Migration = {
  id: 14,
  name: 'references',
  statements: [
    // JSON: the parts of a reference that thresholds over them are computed from, read and written whole.
    `ALTER TABLE reference_series ADD COLUMN IF NOT EXISTS chunks String DEFAULT '[]' CODEC(ZSTD(1)),
       ADD COLUMN IF NOT EXISTS singletons Nullable(UInt64)`,
    // kind: uploaded (a file), fixed (a posted period), or bins (made because a period that moves needs bins; compared with nothing).
    // Older ones count as uploaded: nothing depends on which of the first two they are. labelled: 0 where it was not counted.
    `ALTER TABLE reference_profile
       ADD COLUMN IF NOT EXISTS kind LowCardinality(String) DEFAULT 'uploaded',
       ADD COLUMN IF NOT EXISTS labelled UInt64 DEFAULT 0`,
  ],
};

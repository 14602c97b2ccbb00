import type { Migration } from './migration.js';

/** What a reference is made of beyond its bins. */
export const migration0014References: Migration = {
  id: 14,
  name: 'references',
  statements: [
    // JSON: the parts of a reference that thresholds over them are computed from, read and written whole.
    `ALTER TABLE reference_series ADD COLUMN IF NOT EXISTS chunks String DEFAULT '[]' CODEC(ZSTD(1))`,
  ],
};

import type { Migration } from './migration.js';

/** What a prediction stands for where a service sends a sample of them. */
export const migration0016SampleWeights: Migration = {
  id: 16,
  name: 'sample-weights',
  statements: [
    // 1 / sample_rate of the event. What was stored before, or is still written by a process of the version before, stands for itself.
    `ALTER TABLE prediction ADD COLUMN IF NOT EXISTS sample_weight Float64 DEFAULT 1`,
    // Sums of the weights and of their squares: how many predictions the service made, and how well that is known. n stays the number
    // of rows, which is what statistics are of.
    `ALTER TABLE traffic_cell
       ADD COLUMN IF NOT EXISTS sum_weight SimpleAggregateFunction(sum, Float64) DEFAULT n,
       ADD COLUMN IF NOT EXISTS sum_weight_squares SimpleAggregateFunction(sum, Float64) DEFAULT n`,
  ],
};

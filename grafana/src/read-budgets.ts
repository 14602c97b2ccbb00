import type { DashboardQuery } from './dashboard-queries.js';

/**
 * What a query may read of an installation of 1 000 models with 100 features each, over the time its dashboard shows at first, whatever
 * the state of merges: rows as the engine counts them, whole granules of 8 192, and bytes of the columns before compression.
 */
export interface ReadBudget {
  readonly rows: number;
  readonly megabytes: number;
}

/** Names of models, projects, features: rows that a person would count. */
const REGISTRY: ReadBudget = { rows: 10e3, megabytes: 1 };
/** All changes of alerts of a project. */
const CHANGES: ReadBudget = { rows: 200e3, megabytes: 20 };
/** A day of minutes of all models: 1.44 million rows, which lie in up to two granules of each model. */
const TRAFFIC_OF_ALL: ReadBudget = { rows: 17e6, megabytes: 300 };
/** A month of minutes of a model: 43 200 rows. */
const TRAFFIC: ReadBudget = { rows: 120e3, megabytes: 6 };
/** A month of hours of one or two series of a model; their bins are most of it. */
const CELLS: ReadBudget = { rows: 200e3, megabytes: 50 };
/** A month of windows of an hour: 370 000 rows of a model, of which only some columns are read. */
const WINDOWS: ReadBudget = { rows: 500e3, megabytes: 25 };
/** The same with their texts. */
const WINDOWS_WITH_REASONS: ReadBudget = { rows: 500e3, megabytes: 60 };
/** The same twice: which features, then those. */
const WINDOWS_TWICE: ReadBudget = { rows: 1e6, megabytes: 25 };
/** Two readings of a month and one of its reference. */
const DISTRIBUTION: ReadBudget = { rows: 500e3, megabytes: 80 };
/** Runs and what happened to them. */
const RUNS: ReadBudget = { rows: 100e3, megabytes: 10 };

const BUDGETS: Readonly<Record<string, ReadBudget>> = {
  'Plumbline: fleet: Models': REGISTRY,
  'Plumbline: fleet: Critical alerts now': CHANGES,
  'Plumbline: fleet: Warnings now': CHANGES,
  'Plumbline: fleet: Predictions': TRAFFIC_OF_ALL,
  'Plumbline: fleet: Models, worst first': TRAFFIC_OF_ALL,
  'Plumbline: fleet: Predictions of the busiest models': TRAFFIC_OF_ALL,
  'Plumbline: fleet: Alerts that fired and ended': CHANGES,
  'Plumbline: fleet: Alerts now': CHANGES,
  'Plumbline: model: Predictions': TRAFFIC,
  'Plumbline: model: Latency': TRAFFIC,
  'Plumbline: model: Failed calls': TRAFFIC,
  'Plumbline: model: Answers by class': CELLS,
  'Plumbline: model: Answers on average': CELLS,
  'Plumbline: model: Drift of features over time': WINDOWS_TWICE,
  'Plumbline: model: Features that drifted most': WINDOWS_WITH_REASONS,
  'Plumbline: model: Performance': WINDOWS,
  'Plumbline: model: Worsening against the reference': WINDOWS,
  'Plumbline: model: Label coverage': WINDOWS,
  'Plumbline: model: Missing and invalid values': WINDOWS_TWICE,
  'Plumbline: model: What happened to alerts': CHANGES,
  'Plumbline: feature: Distribution: reference and time shown': DISTRIBUTION,
  'Plumbline: feature: Drift': WINDOWS,
  'Plumbline: feature: Mean': CELLS,
  'Plumbline: feature: Missing, invalid, unseen, out of range': WINDOWS,
  'Plumbline: feature: Significance': WINDOWS,
  'Plumbline: feature: What was measured': WINDOWS_WITH_REASONS,
  'Plumbline: data quality: Missing values': WINDOWS_TWICE,
  'Plumbline: data quality: Values of the wrong type': WINDOWS_TWICE,
  'Plumbline: data quality: Unseen categories': WINDOWS_TWICE,
  'Plumbline: data quality: Outside the range': WINDOWS_TWICE,
  'Plumbline: data quality: Worst window of each feature': WINDOWS_WITH_REASONS,
  'Plumbline: data quality: Values at fault, of all features': WINDOWS,
  'Plumbline: data quality: Features in alarm': WINDOWS,
  'variable project': REGISTRY,
  'variable model': REGISTRY,
  'variable segment': TRAFFIC,
  'variable method': WINDOWS,
  'variable metric': WINDOWS,
  'variable feature': WINDOWS,
  'annotation Alerts': CHANGES,
  'annotation Deployments': TRAFFIC,
  'annotation Retraining': RUNS,
  'rule PlumblineModelCritical': CHANGES,
  'rule PlumblineModelSilent': TRAFFIC_OF_ALL,
  'rule PlumblineWindowsUnjudged': TRAFFIC_OF_ALL,
  'rule PlumblineRetrainingWaits': RUNS,
  'rule PlumblineRetrainingFailed': RUNS,
};

/** The budget of a query; those of variables and annotations hold on every dashboard. @throws Error when it has none */
export function readBudget({ name }: Pick<DashboardQuery, 'name'>): ReadBudget {
  const budget = BUDGETS[name] ?? BUDGETS[name.slice(name.lastIndexOf(': ') + 2)];
  if (budget === undefined) throw new Error(`${name}: say in read-budgets.ts how much it may read`);
  return budget;
}

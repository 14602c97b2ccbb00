import type { ModelFeature, Monitor, ReferenceProfile, RetrainingPolicy } from '@plumbline/contracts';
import { defaultMonitors, importanceOf } from '@plumbline/monitoring';
import {
  findFeatureImportance,
  findModelFeatures,
  listDeclaredMonitors,
  listReferences,
  listRetrainingPolicies,
  type Store,
  type UploadedImportance,
} from '@plumbline/storage';
import type { Model } from '@plumbline/contracts';

const MAX_REFERENCES = 20;

/** How a model is watched. */
export interface ModelConfiguration {
  readonly model: Model;
  /** By name, the disabled ones included. */
  readonly monitors: readonly Monitor[];
  /** The newest first. */
  readonly references: readonly Omit<ReferenceProfile, 'series'>[];
  readonly features: readonly ModelFeature[];
  /** In force, by feature. */
  readonly importance: ReadonlyMap<string, number>;
  readonly uploaded: UploadedImportance | undefined;
  readonly policies: readonly RetrainingPolicy[];
}

/** Reads how a model is watched: five queries. */
export async function readConfiguration(store: Store, model: Model): Promise<ModelConfiguration> {
  const { project, model: name } = model;
  const [declared, references, features, uploaded, policies] = await Promise.all([
    listDeclaredMonitors(store, project, name),
    listReferences(store, project, name, MAX_REFERENCES),
    findModelFeatures(store, project, name),
    findFeatureImportance(store, project, name),
    listRetrainingPolicies(store, project, name),
  ]);
  const monitors = new Map([...defaultMonitors(model), ...declared].map((monitor) => [monitor.monitor, monitor]));
  return {
    model,
    monitors: [...monitors.values()].sort((left, right) => (left.monitor < right.monitor ? -1 : 1)),
    references,
    features,
    importance: importanceOf(model.declaration.features, uploaded?.importance),
    uploaded,
    policies,
  };
}

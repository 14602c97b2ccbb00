import { type Model, type Monitor, monitorDeclarationSchema } from '@plumbline/contracts';

const defaults = [
  ['feature-drift', { detector: 'feature_drift' }],
  ['prediction-drift', { detector: 'prediction_drift' }],
  ['data-quality', { detector: 'data_quality' }],
  ['performance', { detector: 'performance' }],
  ['traffic', { detector: 'traffic' }],
] as const;

/** Returns the monitors every model has from the first event, unless its declaration declines them: one per detector. */
export function defaultMonitors({ project, model, declaration }: Model): Monitor[] {
  if (!declaration.default_monitors) return [];
  return defaults.map(([monitor, minimal]) => ({
    project,
    model,
    monitor,
    declaration: monitorDeclarationSchema.parse(minimal),
    origin: 'default',
  }));
}

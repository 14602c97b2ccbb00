import { type MonitorDeclaration, PREDICTION_SERIES, type ReferenceProfile, SCORE_SERIES } from '@plumbline/contracts';
import { declaredBounds } from './declared-bounds.js';

/**
 * Returns how many numbers of one (version, segment) a monitor decides by, each with a chance of its own to be wrong: a feature counts
 * once per method with a threshold. 0 for traffic, which is compared with fixed bounds, and without a reference.
 */
export function decidingSeries(declaration: MonitorDeclaration, profile: ReferenceProfile | undefined): number {
  if (profile === undefined) return 0;
  switch (declaration.detector) {
    case 'feature_drift':
    case 'prediction_drift': {
      const { detector, numeric_methods, categorical_methods, thresholds } = declaration;
      const features = 'features' in declaration ? declaration.features : undefined;
      return profile.series
        .filter(({ series }) => isAnswer(series) === (detector === 'prediction_drift') && isChosen(series, features))
        .reduce((sum, series) => {
          const methods = series.kind === 'numeric' ? numeric_methods : categorical_methods;
          return sum + methods.filter((method) => declaredBounds(method, series, thresholds) !== undefined).length;
        }, 0);
    }
    case 'data_quality': {
      const { features, thresholds } = declaration;
      return profile.series
        .filter(({ series }) => isChosen(series, features))
        .map(({ kind }) => ['missing_rate', 'invalid_rate', kind === 'numeric' ? 'out_of_range_rate' : 'unseen_rate'])
        .reduce((sum, metrics) => sum + metrics.filter((metric) => metric in thresholds).length, 0);
    }
    case 'performance':
      return Object.keys(declaration.thresholds).filter((metric) => profile.performance[metric] !== undefined).length;
    case 'traffic':
      return 0;
  }
}

function isAnswer(series: string): boolean {
  return series === PREDICTION_SERIES || series === SCORE_SERIES;
}

function isChosen(series: string, features: readonly string[] | undefined): boolean {
  return features === undefined || features.includes(series);
}

import type { Tab } from '@plumbline/report';
import { type ModelTab, modelPath, withQuery } from '../../paths.js';

const LABELS: Readonly<Record<'overview' | ModelTab, string>> = {
  overview: 'Overview',
  features: 'Features',
  performance: 'Performance',
  quality: 'Data quality',
  alerts: 'Alerts',
  retraining: 'Retraining',
  configuration: 'Configuration',
};
const ORDER = Object.keys(LABELS) as (keyof typeof LABELS)[];

/** Returns the tabs of a model, each with the filters of the page it is reached from. */
export function modelTabs(
  model: string,
  current: 'overview' | ModelTab,
  query: Readonly<Record<string, string>>,
  openAlerts: number,
): { readonly label: string; readonly tabs: readonly Tab[] } {
  return {
    label: 'Parts of the model',
    tabs: ORDER.map((tab) => ({
      label: LABELS[tab],
      href: withQuery(tab === 'overview' ? modelPath(model) : modelPath(model, tab), query),
      current: tab === current,
      count: tab === 'alerts' && openAlerts > 0 ? openAlerts : undefined,
    })),
  };
}

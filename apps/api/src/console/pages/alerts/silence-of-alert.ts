import type { Alert } from '@plumbline/storage';

/** How far a silence reaches that is made on the page of an alert. */
export const SILENCE_SCOPES = {
  alert: 'this alert only',
  feature: 'everything about this feature',
  monitor: 'everything of this monitor',
  model: 'everything about this model',
} as const;
export type SilenceScope = keyof typeof SILENCE_SCOPES;
export const silenceScopes = ['alert', 'feature', 'monitor', 'model'] as const satisfies readonly SilenceScope[];

export const silenceDurations = ['1h', '4h', '1d', '3d', '7d', '30d'] as const;
export type SilenceDuration = (typeof silenceDurations)[number];
export const SILENCE_DURATIONS: Readonly<Record<SilenceDuration, string>> = {
  '1h': '1 hour',
  '4h': '4 hours',
  '1d': '1 day',
  '3d': '3 days',
  '7d': '1 week',
  '30d': '30 days',
};

/** Returns the scopes that make sense for an alert, the narrowest first. */
export function silenceScopesOf({ feature }: Pick<Alert, 'feature'>): SilenceScope[] {
  return silenceScopes.filter((scope) => scope !== 'feature' || feature !== '');
}

/** Returns the matchers of a silence of that scope. */
export function matchersOfScope(scope: SilenceScope, alert: Alert): string[] {
  const labels = {
    alert: ['model', 'version', 'monitor', 'segment', 'feature', 'method'],
    feature: ['model', 'feature'],
    monitor: ['model', 'monitor'],
    model: ['model'],
  } as const;
  return labels[scope].map((label) => `${label}=${quoted(alert[label])}`);
}

/** As matchers are read: a backslash takes what follows as it is. */
function quoted(value: string): string {
  return `"${value.replace(/[\\"]/g, '\\$&')}"`;
}

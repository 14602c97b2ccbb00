/**
 * Labels of an alert that matchers, routes and groups can name. `subject` is what the alert is about: "schema" (values of the wrong
 * kind, missing, unseen), "volume" (too few predictions, or none), "service" (errors, latency), "drift" or "performance".
 */
export const alertLabelNames = [
  'project',
  'model',
  'version',
  'monitor',
  'segment',
  'feature',
  'method',
  'severity',
  'subject',
] as const;
export type AlertLabelName = (typeof alertLabelNames)[number];
export type AlertLabels = Readonly<Record<AlertLabelName, string>>;

export const alertSubjects = ['schema', 'volume', 'service', 'drift', 'performance'] as const;
export type AlertSubject = (typeof alertSubjects)[number];

import type { AlertFinding, AlertReportScope, AlertSubject } from '@plumbline/contracts';
import { subjectOf } from '../notify/subject-of.js';

const MAX_CLAUSES = 2;

/** Returns what happened in one sentence without a full stop: which model, and the worst of the findings that breach. */
export function headline(
  { model, version }: Pick<AlertReportScope, 'model' | 'version'>,
  findings: readonly AlertFinding[],
  moreFindings: number,
): string {
  const subject = `${model} (version ${version})`;
  const breaching = findings.filter(({ severity }) => !['ok', 'insufficient_data', 'no_reference'].includes(severity));
  if (breaching.length === 0) return `${subject}: back within its bounds`;
  // A map keeps the order of the findings, which is worst first.
  const bySubject = new Map<AlertSubject, AlertFinding[]>();
  for (const finding of breaching) {
    const key = subjectOf(finding.method, finding.severity);
    bySubject.set(key, [...(bySubject.get(key) ?? []), finding]);
  }
  const clauses = [...bySubject].slice(0, MAX_CLAUSES).map(([key, group]) => clause(key, group, moreFindings > 0));
  return `${subject}: ${clauses.join('; ')}`;
}

function clause(subject: AlertSubject, findings: readonly AlertFinding[], open: boolean): string {
  const [worst] = findings;
  if (worst === undefined) return '';
  if (worst.severity === 'error') return `the evaluation of ${worst.monitor} failed`;
  switch (subject) {
    case 'drift':
      return driftClause(worst, findings, open);
    case 'schema':
      return among(worst, findings, open, 'feature has bad values', 'features have bad values');
    case 'volume':
    case 'service':
    case 'performance':
      return worst.change;
  }
}

function driftClause(worst: AlertFinding, findings: readonly AlertFinding[], open: boolean): string {
  const features = findings.filter(({ feature }) => feature !== '' && !feature.startsWith('$'));
  if (features.length > 0) {
    return among(features[0]!, features, open, 'feature drifted', 'features drifted');
  }
  if (worst.feature === '') return worst.change;
  return `its ${worst.feature === '$score' ? 'scores' : 'predictions'} drifted${inBrackets(worst.change)}`;
}

/** One feature by name with its change, several by number. */
function among(
  worst: AlertFinding,
  findings: readonly AlertFinding[],
  open: boolean,
  one: string,
  several: string,
): string {
  const count = new Set(findings.map(({ feature }) => feature)).size;
  const place = worst.segment === '' ? '' : ` in ${worst.segment}`;
  if (count === 1) return `${one.replace('feature', `${worst.feature}${place}`)}${inBrackets(worst.change)}`;
  return `${open ? `more than ${count - 1}` : count} ${several}, most of all ${worst.feature}${place}`;
}

function inBrackets(text: string): string {
  return text === '' ? '' : ` (${text})`;
}

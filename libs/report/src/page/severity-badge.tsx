import type { Severity } from '@plumbline/contracts';
import { Badge, type Tone } from './badge.js';

const TONES: Readonly<Record<Severity, Tone>> = {
  ok: 'ok',
  warning: 'warning',
  critical: 'critical',
  no_data: 'warning',
  insufficient_data: 'neutral',
  no_reference: 'info',
  error: 'critical',
};

const WORDS: Readonly<Record<Severity, string>> = {
  ok: 'OK',
  warning: 'Warning',
  critical: 'Critical',
  no_data: 'No data',
  insufficient_data: 'Too little data',
  no_reference: 'No reference',
  error: 'Error',
};

/** Returns how a severity is meant. */
export function severityTone(severity: Severity): Tone {
  return TONES[severity];
}

/** Returns what people read for a severity. */
export function severityWord(severity: Severity): string {
  return WORDS[severity];
}

export function SeverityBadge({ severity }: { readonly severity: Severity }) {
  return <Badge tone={TONES[severity]}>{WORDS[severity]}</Badge>;
}

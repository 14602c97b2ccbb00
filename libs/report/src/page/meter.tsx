import { formatPercent } from '../format-number.js';
import type { Tone } from './badge.js';

export interface MeterProps {
  /** 0 to 1; NaN where it is not defined. */
  readonly share: number;
  /** What the share is of, for readers of the screen. */
  readonly label: string;
  readonly tone?: Tone;
}

/** A share as a bar, with its number. */
export function Meter({ share, label, tone = 'info' }: MeterProps) {
  const filled = Number.isFinite(share) ? Math.min(1, Math.max(0, share)) : 0;
  return (
    <span class="meter">
      <svg viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label={`${label}: ${formatPercent(share)}`}>
        <rect class="meter-track" width="100" height="8" rx="2" />
        <rect class={`meter-fill tone-${tone}`} width={Number((filled * 100).toFixed(1))} height="8" rx="2" />
      </svg>
      <span aria-hidden="true">{formatPercent(share)}</span>
    </span>
  );
}

import type { ComponentChildren } from 'preact';
import { type Tone, ToneIcon } from './badge.js';

export interface NoticeProps {
  readonly tone: Tone;
  readonly title?: string;
  readonly children: ComponentChildren;
}

/** A sentence that is not to be overlooked. */
export function Notice({ tone, title, children }: NoticeProps) {
  return (
    <div class={`notice tone-${tone}`}>
      <ToneIcon tone={tone} />
      <div>
        {title !== undefined && <strong>{title} </strong>}
        {children}
      </div>
    </div>
  );
}

import type { ComponentChildren } from 'preact';
import { Heading } from './heading.js';

export interface PanelProps {
  readonly title: string;
  /** Of the heading: 2 on a page, 3 inside another panel. */
  readonly level?: 2 | 3;
  /** So that a link leads here. */
  readonly id?: string;
  /** A sentence under the heading. */
  readonly note?: ComponentChildren;
  /** Links and buttons beside the heading. */
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A part of a page under a heading of its own. */
export function Panel({ title, level = 2, id, note, actions, children }: PanelProps) {
  return (
    <section class="panel" id={id}>
      <div class="panel-head">
        <Heading level={level}>{title}</Heading>
        {actions && <div class="panel-actions">{actions}</div>}
      </div>
      {note && <p class="note">{note}</p>}
      {children}
    </section>
  );
}

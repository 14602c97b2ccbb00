import type { ComponentChildren } from 'preact';
import { CodeBlock } from './code-block.js';

export interface EmptyStateProps {
  /** What is not there, as in "No labels yet". */
  readonly title: string;
  /** Why, and what to do. */
  readonly children: ComponentChildren;
  /** A command that does it. */
  readonly command?: string;
}

/** What stands where nothing is to be shown yet. */
export function EmptyState({ title, children, command }: EmptyStateProps) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      <div>{children}</div>
      {command !== undefined && <CodeBlock code={command} label="Command" />}
    </div>
  );
}

import type { ComponentChildren } from 'preact';
import type { Visit } from './visit.js';

export interface ActionFormProps {
  readonly visit: Pick<Visit, 'canAct' | 'csrfToken'>;
  /** Path that the form is sent to. */
  readonly action: string;
  readonly class?: string;
  /** Fields and button. */
  readonly children: ComponentChildren;
}

/** A form that changes something; nothing for a person who may not. */
export function ActionForm({ visit, action, class: className, children }: ActionFormProps) {
  if (!visit.canAct) return null;
  return (
    <form method="post" action={action} class={className}>
      <input type="hidden" name="csrf" value={visit.csrfToken} />
      {children}
    </form>
  );
}

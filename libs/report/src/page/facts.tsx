import type { ComponentChildren } from 'preact';

export interface Fact {
  readonly term: string;
  readonly value: ComponentChildren;
}

/** Terms and their values, side by side where there is room. */
export function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl class="facts">
      {facts.map(({ term, value }) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

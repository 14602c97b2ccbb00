import type { ComponentChildren } from 'preact';

/** A heading of the given level. */
export function Heading({ level, children }: { readonly level: 1 | 2 | 3 | 4; readonly children: ComponentChildren }) {
  switch (level) {
    case 1:
      return <h1>{children}</h1>;
    case 2:
      return <h2>{children}</h2>;
    case 3:
      return <h3>{children}</h3>;
    case 4:
      return <h4>{children}</h4>;
  }
}

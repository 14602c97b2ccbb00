export interface KeyEntry {
  readonly name: string;
  readonly color: string;
  readonly ink?: string;
  /** Drawn in the colour, so that it is not known by colour alone. */
  readonly sign?: string;
}

/** What the colours of a chart mean. */
export function ColorKey({ entries }: { readonly entries: readonly KeyEntry[] }) {
  return (
    <ul class="key">
      {entries.map(({ name, color, ink, sign }) => (
        <li key={name}>
          <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
            <rect x="1" y="1" width="14" height="14" rx="2" fill={color} stroke="var(--line)" />
            {sign !== undefined && sign !== '' && (
              <text x="8" y="12" text-anchor="middle" font-size="11" fill={ink}>
                {sign}
              </text>
            )}
          </svg>
          {name}
        </li>
      ))}
    </ul>
  );
}

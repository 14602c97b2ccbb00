export interface KeyEntry {
  readonly name: string;
  readonly color: string;
  readonly ink?: string;
  /** A line of a chart instead of a filled square. */
  readonly line?: 'solid' | 'dashed';
  /** Drawn in the colour, so that it is not known by colour alone. */
  readonly sign?: string;
}

/** What the colours of a chart mean. */
export function ColorKey({ entries }: { readonly entries: readonly KeyEntry[] }) {
  return (
    <ul class="key">
      {entries.map(({ name, color, ink, sign, line }) => (
        <li key={name}>
          <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
            {line === undefined ? (
              <rect x="1" y="1" width="14" height="14" rx="2" fill={color} stroke="var(--line)" />
            ) : (
              <path
                d="M0 8h16"
                stroke={color}
                stroke-width="2"
                stroke-dasharray={line === 'dashed' ? '5 3' : undefined}
              />
            )}
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

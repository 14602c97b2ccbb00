export interface Tab {
  readonly label: string;
  readonly href: string;
  readonly current: boolean;
  /** Shown beside the label. */
  readonly count?: number | undefined;
}

/** Links to the parts of a thing; each part is a page of its own. */
export function Tabs({ label, tabs }: { readonly label: string; readonly tabs: readonly Tab[] }) {
  return (
    <nav class="tabs" aria-label={label}>
      <ul>
        {tabs.map((tab) => (
          <li key={tab.href}>
            <a href={tab.href} aria-current={tab.current ? 'page' : undefined}>
              {tab.label}
              {tab.count !== undefined && <span class="count"> {tab.count}</span>}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

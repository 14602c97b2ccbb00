export interface PagerProps {
  readonly previous?: string | undefined;
  readonly next?: string | undefined;
  /** Where one is, as in "51–100 of 1,000 models". */
  readonly position: string;
}

/** Links to the pages before and after; nothing where there is one page only. */
export function Pager({ previous, next, position }: PagerProps) {
  if (previous === undefined && next === undefined) return null;
  return (
    <nav class="pager" aria-label="Pages">
      {previous === undefined ? (
        <span class="disabled">← Previous</span>
      ) : (
        <a href={previous} rel="prev">
          ← Previous
        </a>
      )}
      <span>{position}</span>
      {next === undefined ? (
        <span class="disabled">Next →</span>
      ) : (
        <a href={next} rel="next">
          Next →
        </a>
      )}
    </nav>
  );
}

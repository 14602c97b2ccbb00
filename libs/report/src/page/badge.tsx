import type { ComponentChildren, JSX } from 'preact';

/** How something is meant: by shape, word and colour, never by colour alone. */
export type Tone = 'ok' | 'warning' | 'critical' | 'info' | 'neutral';

const SHAPES: Readonly<Record<Tone, JSX.Element>> = {
  ok: (
    <path d="M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm3.6 5.1-4.2 5a.8.8 0 0 1-1.2 0L4.4 9a.8.8 0 0 1 1.2-1l1.2 1.3 3.6-4.2a.8.8 0 1 1 1.2 1Z" />
  ),
  warning: (
    <path d="M7.1 1.7a1 1 0 0 1 1.8 0l6.3 11.6a1 1 0 0 1-.9 1.5H1.7a1 1 0 0 1-.9-1.5Zm.9 3.6a.8.8 0 0 0-.8.9l.2 3.6a.6.6 0 0 0 1.2 0l.2-3.6a.8.8 0 0 0-.8-.9Zm0 6a.9.9 0 1 0 0 1.8.9.9 0 0 0 0-1.8Z" />
  ),
  critical: (
    <path d="m8 .6 7.4 7.4L8 15.4.6 8ZM8 4a.9.9 0 0 0-.9 1l.3 3.8a.6.6 0 0 0 1.2 0L8.9 5A.9.9 0 0 0 8 4Zm0 6.3a.9.9 0 1 0 0 1.8.9.9 0 0 0 0-1.8Z" />
  ),
  info: (
    <path d="M3 1.5h10A1.5 1.5 0 0 1 14.5 3v10a1.5 1.5 0 0 1-1.5 1.5H3A1.5 1.5 0 0 1 1.5 13V3A1.5 1.5 0 0 1 3 1.5ZM8 4a.9.9 0 1 0 0 1.8A.9.9 0 0 0 8 4Zm-.7 3.2v4.3h1.4V7.2Z" />
  ),
  neutral: <path d="M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13ZM8 3.3a4.7 4.7 0 1 1 0 9.4 4.7 4.7 0 0 1 0-9.4Z" />,
};

/** The shape of a tone alone, for readers of the screen nothing: a word must stand beside it. */
export function ToneIcon({ tone }: { readonly tone: Tone }) {
  return (
    <svg
      class={`icon tone-${tone}`}
      viewBox="0 0 16 16"
      width="14"
      height="14"
      fill="currentColor"
      fill-rule="evenodd"
      aria-hidden="true"
    >
      {SHAPES[tone]}
    </svg>
  );
}

/** A word with the shape and colour of its tone. */
export function Badge({ tone, children }: { readonly tone: Tone; readonly children: ComponentChildren }) {
  return (
    <span class={`badge tone-${tone}`}>
      <ToneIcon tone={tone} />
      {children}
    </span>
  );
}

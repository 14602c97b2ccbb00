import { plain, plainSentence } from '../plain.js';

/** A name that somebody typed: on one line, without control characters, isolated where it is written from right to left. */
export function Name({ text }: { readonly text: string }) {
  return <bdi class="anywhere">{plain(text)}</bdi>;
}

/** A sentence that names of users are part of. */
export function Sentence({ text }: { readonly text: string }) {
  return <>{plainSentence(text, 600)}</>;
}

/** A name, as a link where there is a page of it. */
export function LinkedName({ text, href }: { readonly text: string; readonly href: string | undefined }) {
  return href === undefined ? (
    <Name text={text} />
  ) : (
    <a href={href}>
      <Name text={text} />
    </a>
  );
}

/**
 * Puts a picture in that our own code has drawn as text. Never for anything that a user typed: it is not escaped here.
 * @param label what the picture says; when absent, the picture must say it itself, or another part beside it
 */
export function Markup({ html, label }: { readonly html: string; readonly label?: string }) {
  return label === undefined ? (
    <div class="markup" dangerouslySetInnerHTML={{ __html: html }} />
  ) : (
    <div class="markup" role="img" aria-label={label} dangerouslySetInnerHTML={{ __html: html }} />
  );
}

import type { LinkPage } from './link-handler.js';

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem;color:#1b1f24}' +
  'label{display:block;margin:1rem 0 .25rem}input,textarea{font:inherit;width:100%;box-sizing:border-box;padding:.4rem}' +
  'button{font:inherit;margin-top:1rem;padding:.5rem 1.25rem}';

/** Headers of a page: nothing from elsewhere, no script, the token is not told to other sites, nothing is kept. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'x-robots-tag': 'noindex',
};

/** Returns the HTML of a page. The form goes to the address of the page itself. */
export function renderLinkPage({ title, text, button }: LinkPage): string {
  const form =
    button === undefined
      ? ''
      : `<form method="post">
<label for="author">Your name</label><input id="author" name="author" maxlength="100" required autocomplete="name">
<label for="note">Note</label><textarea id="note" name="note" maxlength="2000" rows="3"></textarea>
<button type="submit">${escaped(button)}</button>
</form>`;
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title><style>${STYLE}</style></head>
<body><h1>${escaped(title)}</h1>
${text.map((paragraph) => `<p>${escaped(paragraph)}</p>`).join('\n')}
${form}</body>
</html>
`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

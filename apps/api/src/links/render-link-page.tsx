import { renderDocument, STYLESHEET } from '@plumbline/report';
import type { LinkPage } from './link-handler.js';

/** Headers of a page: nothing from elsewhere, no script, the token is not told to other sites, nothing is kept. */
export const LINK_PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'x-robots-tag': 'noindex',
};

/**
 * Returns the HTML of a page. It needs nothing else of the server, so that it is the same where there is no console. The form goes to
 * the address of the page itself.
 */
export function renderLinkPage({ title, text, items = [], button }: LinkPage, nowMs: number): string {
  return renderDocument(
    { title, stylesheet: { css: STYLESHEET }, viewer: { zone: 'UTC', nowMs } },
    <main style="max-width: 720px">
      <div class="panel stacked">
        <h1>{title}</h1>
        {text.map((paragraph) => (
          <p>{paragraph}</p>
        ))}
        {items.length > 0 && (
          <ul>
            {items.map((item) => (
              <li>{item}</li>
            ))}
          </ul>
        )}
        {button !== undefined && (
          <form method="post">
            <div class="stacked">
              <div class="field">
                <label for="author">Your name</label>
                <input id="author" name="author" maxLength={100} required autocomplete="name" />
              </div>
              <div class="field">
                <label for="note">
                  Note <span class="hint">(may be empty)</span>
                </label>
                <textarea id="note" name="note" maxLength={2000} rows={3} />
              </div>
              <button type="submit" class="primary">
                {button}
              </button>
            </div>
          </form>
        )}
      </div>
    </main>,
  );
}

import { Notice } from '@plumbline/report';
import { renderBarePage } from './render-page.js';

/**
 * Returns the page that asks for a key.
 * @param next where to go on afterwards
 * @param refusal why the key that was given is none
 */
export function renderSignInPage(next: string, refusal: string | undefined): string {
  return renderBarePage(
    'Sign in',
    <div class="panel">
      <h1>Sign in</h1>
      <p class="note">
        With an API key of this server: one with the scope read shows everything, admin may act on alerts too.
      </p>
      {refusal !== undefined && (
        <div role="alert">
          <Notice tone="critical">{refusal}</Notice>
        </div>
      )}
      <form method="post" action="/sign-in" class="stacked">
        <input type="hidden" name="next" value={next} />
        <div class="field">
          <label for="key">API key</label>
          <input
            id="key"
            name="key"
            type="password"
            required
            autofocus
            autocomplete="current-password"
            spellcheck={false}
          />
        </div>
        <button type="submit" class="primary">
          Sign in
        </button>
      </form>
      <hr />
      <p class="note">
        The browser keeps a session of twelve hours, not the key. Keys stand in <code>PLUMBLINE_API_KEYS</code> of the
        server; whoever runs it can give you one.
      </p>
    </div>,
  );
}

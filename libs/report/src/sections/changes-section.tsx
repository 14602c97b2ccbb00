import type { ModelChange } from '@plumbline/contracts';
import { ToneIcon } from '../page/badge.js';
import { Instant } from '../page/instant.js';
import { Panel } from '../page/panel.js';
import { Sentence } from './user-text.js';

const MAX_CHANGES = 40;
const WORDS = { ok: 'Recovered', warning: 'Warning', critical: 'Critical', info: 'Changed' } as const;

/** What changed in the range and when, oldest first. */
export function ChangesSection({ changes }: { readonly changes: readonly ModelChange[] }) {
  const more = changes.length - MAX_CHANGES;
  return (
    <Panel title="What changed, and when" id="changes">
      {changes.length === 0 ? (
        <p class="muted">Nothing left its bounds, no version began or ended, and nothing was retrained in this time.</p>
      ) : (
        <ul class="changes">
          {changes.slice(0, MAX_CHANGES).map(({ atMs, tone, text, kind }, index) => (
            <li key={index} data-kind={kind}>
              <Instant atMs={atMs} />
              <span>
                <ToneIcon tone={tone} />
                <span class="visually-hidden">{WORDS[tone]}: </span>
              </span>
              <span>
                <Sentence text={text} />
              </span>
            </li>
          ))}
        </ul>
      )}
      {more > 0 && <p class="note">and {more} more, of series told of below</p>}
    </Panel>
  );
}

import type { ModelVerdict } from '@plumbline/contracts';
import { ToneIcon } from '../page/badge.js';
import { Instant } from '../page/instant.js';
import { plainSentence } from '../plain.js';

const WORDS = { ok: 'All is well', warning: 'Warning', critical: 'Critical', neutral: 'Not known' } as const;

/** The state of the model in one sentence. */
export function VerdictSection({ verdict: { tone, sentence } }: { readonly verdict: ModelVerdict }) {
  return (
    <section class="panel verdict" aria-label="Verdict">
      <ToneIcon tone={tone} />
      <p class="verdict-sentence">
        <span class="visually-hidden">{WORDS[tone]}: </span>
        {sentence.map((part, index) =>
          typeof part === 'string' ? (
            // A sentence begins with a capital letter, except where it begins with a name.
            trimmed(index === 0 ? part.charAt(0).toUpperCase() + part.slice(1) : part)
          ) : (
            <Instant key={index} atMs={part.dayOfMs} form="day" />
          ),
        )}
      </p>
    </section>
  );
}

/** Made plain as the rest, but with the spaces that it begins and ends with. */
function trimmed(part: string): string {
  const [start = ''] = /^\s*/.exec(part) ?? [];
  const [end = ''] = part.trim() === '' ? [''] : (/\s*$/.exec(part) ?? []);
  return `${start}${plainSentence(part, 1_000)}${end}`;
}

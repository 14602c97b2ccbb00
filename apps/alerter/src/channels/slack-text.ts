const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Returns text as Slack shows it and never obeys it (`<!channel>`, `<@U…>`, links): no longer than the bound with its entities, and at least a blank. */
export function slackText(text: string, maxLength: number): string {
  const escaped = escape(text);
  if (escaped.length <= maxLength) return escaped === '' ? ' ' : escaped;
  let cut = '';
  for (const character of text) {
    const next = escape(character);
    if (cut.length + next.length >= maxLength) break;
    cut += next;
  }
  return `${cut}…`;
}

function escape(text: string): string {
  return text.replace(/[&<>]/g, (character) => ENTITIES[character]!);
}

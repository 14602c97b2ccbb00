import { plain } from './plain.js';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Returns text as it stands in HTML or SVG, between tags or inside a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/** Returns what a user typed as HTML: one line, and its direction its own affair. */
export function userHtml(text: string, maxCharacters?: number): string {
  return `<bdi>${escapeHtml(plain(text, maxCharacters))}</bdi>`;
}

import type { VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { type Viewer, ViewerContext } from './viewer.js';

export interface DocumentOptions {
  readonly title: string;
  /** The address of the style sheet, or the sheet itself, for a file that stands alone. */
  readonly stylesheet: { readonly href: string } | { readonly css: string };
  readonly scriptHref?: string;
  readonly viewer: Viewer;
}

/** Returns a whole HTML document. What users typed is escaped, as all text in a component is. */
export function renderDocument({ title, stylesheet, scriptHref, viewer }: DocumentOptions, body: VNode): string {
  const html = (
    <ViewerContext.Provider value={viewer}>
      <html lang="en" data-zone={viewer.zone}>
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <title>{title}</title>
          {/* Otherwise browsers ask for /favicon.ico, and the console of the browser tells of a 404. */}
          <link rel="icon" href={ICON} />
          {'href' in stylesheet ? (
            <link rel="stylesheet" href={stylesheet.href} />
          ) : (
            <style dangerouslySetInnerHTML={{ __html: stylesheet.css }} />
          )}
          {scriptHref !== undefined && <script src={scriptHref} defer />}
        </head>
        <body>{body}</body>
      </html>
    </ViewerContext.Provider>
  );
  return `<!doctype html>\n${renderToString(html)}\n`;
}

/** A plumb bob. */
const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="M7.25 0h1.5v7h-1.5z" fill="#6b7685"/><path d="M4.5 7h7v2.5L8 16 4.5 9.5z" fill="#2f6fde"/></svg>',
)}`;

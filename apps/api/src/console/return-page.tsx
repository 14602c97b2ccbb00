import { renderBarePage } from './render-page.js';

/** Returns a page that leads to a path of this server at once: the browser then comes from here, and shows its session. */
export function renderReturnPage(path: string): string {
  return renderBarePage(
    'One moment',
    <>
      <meta http-equiv="refresh" content={`0; url=${path}`} />
      <h1>One moment</h1>
      <p>
        <a href={path}>Go on</a>
      </p>
    </>,
  );
}

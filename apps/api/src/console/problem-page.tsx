import { Notice } from '@plumbline/report';
import type { Problem } from '../http/problem.js';
import { renderBarePage, renderPage } from './render-page.js';
import type { Visit } from './visit.js';

/** Headings in place of the words of HTTP. */
const TITLES: Readonly<Record<number, string>> = {
  400: 'That cannot be asked for',
  403: 'Not allowed',
  404: 'Not found',
  409: 'It stands otherwise by now',
  413: 'Too much text',
  421: 'Not under this name',
  429: 'Too busy',
  500: 'The server failed',
  503: 'Not available now',
};

/**
 * Returns the page of an error: what is wrong and what to do.
 * @param visit undefined where the error came before anybody was known
 */
export function renderProblemPage(problem: Problem, requestId: string, visit: Visit | undefined): string {
  const { status, detail, options } = problem;
  const title = TITLES[status] ?? problem.title;
  const body = (
    <>
      <Notice tone={status >= 500 ? 'critical' : 'warning'}>{sentence(detail)}</Notice>
      {options.errors !== undefined && (
        <ul>
          {options.errors.map(({ field, message }) => (
            <li key={field}>
              <code>{field}</code>: {message}
            </li>
          ))}
        </ul>
      )}
      {status >= 500 && (
        <p class="muted">
          Request <code>{requestId}</code>
        </p>
      )}
      <p>
        <a href={status === 503 ? '' : '/'}>{status === 503 ? 'Try again' : 'All models'}</a>
      </p>
    </>
  );
  if (visit !== undefined) return renderPage(visit, { title, section: undefined }, body);
  return renderBarePage(
    title,
    <>
      <h1>{title}</h1>
      <hr />
      {body}
    </>,
  );
}

function sentence(text: string): string {
  const begun = `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}

import { Heading, Instant, Notice, renderDocument, type Tab, Tabs } from '@plumbline/report';
import type { ComponentChildren, VNode } from 'preact';
import { SCRIPT_ASSET, STYLESHEET_ASSET } from './console-assets.js';
import type { Visit } from './visit.js';

export interface Crumb {
  readonly label: string;
  readonly href: string;
}

export interface PageOptions {
  /** Heading of the page, and with " · Plumbline" the title of the document. */
  readonly title: string;
  /** Part of the console that the page belongs to. */
  readonly section: 'models' | 'alerts' | undefined;
  /** The way from the section to the page, without the page itself. */
  readonly crumbs?: readonly Crumb[];
  /** Beside the heading, as badges. */
  readonly heading?: ComponentChildren;
  /** Buttons and links at the right of the heading. */
  readonly actions?: ComponentChildren;
  readonly tabs?: { readonly label: string; readonly tabs: readonly Tab[] };
}

const SECTIONS = [
  { section: 'models', label: 'Models', href: '/' },
  { section: 'alerts', label: 'Alerts', href: '/alerts' },
] as const;

/** Returns the HTML of a page of the console: what stands around every page, and the body. */
export function renderPage(visit: Visit, options: PageOptions, body: ComponentChildren): string {
  const { title, section, crumbs = [], heading, actions, tabs } = options;
  return renderDocument(
    {
      title: `${title} · Plumbline`,
      stylesheet: { href: STYLESHEET_ASSET.path },
      scriptHref: SCRIPT_ASSET.path,
      viewer: visit,
    },
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header class="top">
        <div class="top-inner">
          <Brand />
          <nav aria-label="Main">
            <ul>
              {SECTIONS.map(({ section: name, label, href }) => (
                <li key={name}>
                  <a href={href} aria-current={currentOf(name === section, visit.path === href)}>
                    {label}
                  </a>
                </li>
              ))}
            </ul>
          </nav>
          <Who visit={visit} />
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        <div class="page-head">
          <div>
            {crumbs.length > 0 && (
              <nav class="crumbs" aria-label="Breadcrumb">
                <ol>
                  {crumbs.map(({ label, href }) => (
                    <li key={href}>
                      <a href={href}>{label}</a>
                    </li>
                  ))}
                </ol>
              </nav>
            )}
            <div class="row">
              <Heading level={1}>{title}</Heading>
              {heading}
            </div>
          </div>
          {actions && <div class="row">{actions}</div>}
        </div>
        {visit.notice !== undefined && (
          <div role="status">
            <Notice tone={visit.notice.tone}>{visit.notice.text}</Notice>
          </div>
        )}
        {tabs && <Tabs {...tabs} />}
        {body}
      </main>
      <footer class="foot">
        <span>
          Times in <span data-zone-name>{visit.zone}</span>, as of <Instant atMs={visit.nowMs} form="second" />
        </span>
        <a href="/docs">API</a>
      </footer>
    </>,
  );
}

/** Returns the HTML of a page that stands outside the console, as the sign-in does. */
export function renderBarePage(title: string, body: VNode): string {
  return renderDocument(
    {
      title: `${title} · Plumbline`,
      stylesheet: { href: STYLESHEET_ASSET.path },
      scriptHref: SCRIPT_ASSET.path,
      viewer: { zone: 'UTC', nowMs: 0 },
    },
    <>
      <header class="top">
        <div class="top-inner">
          <Brand />
        </div>
      </header>
      <main id="main">
        <div class="narrow-page">{body}</div>
      </main>
    </>,
  );
}

function Brand() {
  return (
    <a class="brand" href="/">
      <svg viewBox="0 0 16 16" width="18" height="18" fill="currentColor" aria-hidden="true">
        <path d="M7.25 0h1.5v7h-1.5zM4.5 7h7v2.5L8 16 4.5 9.5z" />
      </svg>
      Plumbline
    </a>
  );
}

function Who({ visit }: { readonly visit: Visit }) {
  const { caller, signedIn, canAct, csrfToken } = visit;
  return (
    <div class="who">
      <span title={canAct ? undefined : 'Your key may read only.'}>
        Project {caller.project}
        {!canAct && ', read only'}
      </span>
      {signedIn && (
        <form method="post" action="/sign-out">
          <input type="hidden" name="csrf" value={csrfToken} />
          <button type="submit" class="plain">
            Sign out
          </button>
        </form>
      )}
    </div>
  );
}

function currentOf(inSection: boolean, isPage: boolean): 'page' | 'true' | undefined {
  if (isPage) return 'page';
  return inSection ? 'true' : undefined;
}

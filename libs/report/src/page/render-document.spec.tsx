import { Ago } from './ago.js';
import { DataTable } from './data-table.js';
import { EmptyState } from './empty-state.js';
import { Instant } from './instant.js';
import { Meter } from './meter.js';
import { Notice } from './notice.js';
import { Pager } from './pager.js';
import { renderDocument } from './render-document.js';
import { SeverityBadge } from './severity-badge.js';
import { Sparkline } from './sparkline.js';

const HOSTILE = `"><script>alert('1')</script>&<b>`;
const viewer = { zone: 'Europe/Berlin', nowMs: Date.UTC(2026, 10, 22, 12) };
const options = { title: 'Loans', stylesheet: { href: '/console.css' }, viewer };

describe('a document', () => {
  it('names its language, zone, title and style, and asks for nothing but these', () => {
    const html = renderDocument({ ...options, scriptHref: '/console.js' }, <main>Body</main>);
    expect(html).toMatch(/^<!doctype html>\n<html lang="en" data-zone="Europe\/Berlin">/);
    expect(html).toContain('<title>Loans</title>');
    const addresses = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address!.slice(0, 12));
    expect(addresses).toEqual(['data:image/s', '/console.css', '/console.js']);
  });

  it('carries its style where it stands alone', () => {
    expect(renderDocument({ ...options, stylesheet: { css: 'a > b { }' } }, <main />)).toContain(
      '<style>a > b { }</style>',
    );
  });

  it('shows whatever users typed as text', () => {
    const html = renderDocument(
      { ...options, title: HOSTILE },
      <main>
        <Notice tone="warning" title={HOSTILE}>
          {HOSTILE}
        </Notice>
        <EmptyState title={HOSTILE} command={HOSTILE}>
          {HOSTILE}
        </EmptyState>
        <DataTable
          caption={HOSTILE}
          columns={[{ header: HOSTILE, cell: (row: string) => row, rowHeader: true }]}
          rows={[HOSTILE]}
          rowKey={(row) => row}
        />
        <Meter share={0.5} label={HOSTILE} />
        <Sparkline values={[1, 2]} label={HOSTILE} />
      </main>,
    );
    expect(html).not.toContain('<script');
    expect(html).not.toContain('<b>');
    expect(html.match(/&lt;script>/g)!.length).toBeGreaterThan(9);
  });

  it('writes instants in the viewer’s zone, for machines in UTC', () => {
    const html = renderDocument(
      options,
      <main>
        <Instant atMs={Date.UTC(2026, 10, 22, 1, 5)} />
        <Ago atMs={Date.UTC(2026, 10, 22, 9)} />
        <Instant atMs={NaN} />
      </main>,
    );
    expect(html).toContain(
      '<time datetime="2026-11-22T01:05:00.000Z" data-form="minute" class="instant">2026-11-22 02:05</time>',
    );
    expect(html).toContain('title="2026-11-22 10:00" class="instant">3 h ago</time>–');
  });
});

describe('parts', () => {
  const render = (body: Parameters<typeof renderDocument>[1]): string =>
    /<body>(.*)<\/body>/s.exec(renderDocument(options, body))![1]!;

  it('say a state by a word and a shape beside its colour', () => {
    expect(render(<SeverityBadge severity="critical" />)).toMatch(
      /class="badge tone-critical"><svg .*<path .*<\/svg>Critical</,
    );
  });

  it('a table names itself, its columns and its rows, and can be scrolled by the keyboard', () => {
    const html = render(
      <DataTable
        caption="Models"
        columns={[
          { header: 'Model', cell: (row: { name: string; n: number }) => row.name, rowHeader: true },
          { header: 'Rows', cell: (row) => row.n, numeric: true, narrow: 'hide' },
        ]}
        rows={[{ name: 'loans', n: 3 }]}
        rowKey={({ name }) => name}
      />,
    );
    expect(html).toContain('role="region" aria-label="Models" tabindex="0"');
    expect(html).toContain('<caption>Models</caption>');
    expect(html).toContain('<th scope="col">Model</th>');
    expect(html).toContain('<th scope="row" data-label="Model">loans</th>');
    expect(html).toContain('<td class="numeric narrow-hide" data-label="Rows">3</td>');
  });

  it('a table without rows says what is said in its place', () => {
    expect(render(<DataTable caption="x" columns={[]} rows={[]} rowKey={() => ''} empty="Nobody." />)).toBe(
      '<div class="empty-rows">Nobody.</div>',
    );
  });

  it('a meter is bounded, and says its share in words', () => {
    expect(render(<Meter share={1.7} label="Labelled" />)).toContain('width="100" height="8" rx="2"></rect></svg>');
    expect(render(<Meter share={NaN} label="Labelled" />)).toContain('aria-label="Labelled: –"');
  });

  it('a sparkline leaves gaps, and is nothing for less than two values', () => {
    const path = /<path d="([^"]*)"/.exec(render(<Sparkline values={[0, 1, NaN, 1, 0]} label="x" />))![1];
    expect(path).toBe('M3.0 21.0L25.5 3.0M70.5 3.0L93.0 21.0');
    expect(render(<Sparkline values={[NaN, 1]} label="x" />)).toBe('');
    expect(render(<Sparkline values={[2, 2]} label="" />)).toContain('d="M3.0 12.0L93.0 12.0"');
  });

  it('a pager is nothing where there is one page, and leads nowhere at an end', () => {
    expect(render(<Pager position="1–3 of 3" />)).toBe('');
    const html = render(<Pager position="51–53 of 53" previous="/?page=1" />);
    expect(html).toContain('<a href="/?page=1" rel="prev">');
    expect(html).not.toContain('rel="next"');
  });
});

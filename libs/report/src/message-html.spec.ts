import { EXTREMES, findingOf, LINKS, notificationOf, reportOf } from '../../../test/contract/channel.contract.js';
import { messageHtml } from './message-html.js';

const CHART = { src: 'cid:chart', alt: 'age "<now>"', width: 360 };

/** Names of the elements in the order in which they open, and those that are left open. */
function elementsOf(html: string): { readonly names: readonly string[]; readonly open: readonly string[] } {
  const names: string[] = [];
  const open: string[] = [];
  for (const [, end, name = '', rest = ''] of html.matchAll(/<(\/?)([a-z!][a-z0-9]*)((?:"[^"]*"|[^>"])*)>/gi)) {
    if (end === '/') {
      expect(open.pop()).toBe(name);
      continue;
    }
    names.push(name);
    if (!/^(!doctype|meta|img|br)$/i.test(name) && !rest.endsWith('/')) open.push(name);
  }
  return { names, open };
}

describe('messageHtml', () => {
  it.each(EXTREMES)('is whole, fetches nothing and runs nothing with %s', (_, notification) => {
    const html = messageHtml(notification, CHART);
    const { names, open } = elementsOf(html);
    expect(open).toEqual([]);
    const known = 'a bdi body div h1 h2 head html img li meta span style table td title tr ul'.split(' ');
    expect([...new Set(names)].filter((name) => name !== '!doctype' && !known.includes(name))).toEqual([]);
    expect(html).not.toMatch(/javascript:|url\(|@import|\bon\w+="/i);
    expect(html.match(/<img /g)).toHaveLength(1);
    // Mail programs cut longer ones.
    expect(Buffer.byteLength(html)).toBeLessThan(400_000);
  });

  it('is small where names are of the usual length', () => {
    const findings = Array.from({ length: 20 }, (_, index) => findingOf({ alertId: `alert-${index}` }));
    const html = messageHtml(notificationOf({ report: reportOf({ findings }), links: LINKS }), CHART);
    expect(Buffer.byteLength(html)).toBeLessThan(60_000);
  });

  it('shows names of users as text, each in its own direction', () => {
    const feature = '<script>alert(1)</script>';
    const html = messageHtml(
      notificationOf({ report: reportOf({ model: 'שלום', findings: [findingOf({ feature })] }) }),
    );
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(html).toContain('<bdi dir="ltr">\u2068שלום\u2069</bdi>');
    expect(html).not.toContain('<script>');
  });

  it('links to web pages only, and leaves out what is not known', () => {
    const html = messageHtml(
      notificationOf({ links: { ...LINKS, dashboard: 'javascript:alert(1)', runbook: undefined } }),
    );
    const links = [...html.matchAll(/<a [^>]*href="([^"]*)"[^>]*>([^<]*)</g)].map(([, url, text]) => [text, url]);
    expect(links).toEqual([
      ['Acknowledge', LINKS.acknowledge],
      ['Silence', LINKS.silence],
      ['Open the alert', LINKS.alert],
    ]);
  });

  it('draws the first distribution as the picture it is given, the others as bars', () => {
    const report = reportOf({ findings: [findingOf(), findingOf({ alertId: 'alert-2', feature: 'age' })] });
    const bars = (html: string) => html.match(/this window<\/td>/g) ?? [];
    expect(bars(messageHtml(notificationOf({ report }), CHART))).toHaveLength(1);
    expect(bars(messageHtml(notificationOf({ report })))).toHaveLength(2);
    expect(messageHtml(notificationOf({ report }), CHART)).toContain('alt="age &quot;&lt;now&gt;&quot;"');
  });
});

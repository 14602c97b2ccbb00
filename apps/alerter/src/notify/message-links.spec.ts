import { randomBytes } from 'node:crypto';
import type { AlertView } from '@plumbline/contracts';
import { readLink, signLink } from '@plumbline/platform';
import { messageLinks, type MessageLinkContext } from './message-links.js';

const KEY = randomBytes(32);
const NOW_MS = Date.UTC(2026, 0, 8);
const URL_OF_SERVER = 'https://plumbline.example';

const ALERT: AlertView = {
  alertId: 'a/b',
  labels: {
    ...{ project: 'p', model: 'loans', version: '1', monitor: 'feature-drift', segment: '', feature: 'in come' },
    ...{ method: 'ks', severity: 'warning', subject: 'drift' },
  },
  ...{ status: 'firing', severity: 'warning', value: 0.3, threshold: 0.2, pValue: NaN, nCurrent: 100, reason: 'moved' },
  ...{ firedAtMs: 0, resolvedAtMs: undefined, acknowledged: undefined, transitionId: 't' },
};
const CONTEXT: MessageLinkContext = {
  keys: { sign: async (claims) => signLink(KEY, claims) },
  ...{ externalUrl: URL_OF_SERVER, hasConsole: true, project: 'p', notificationId: 'n', createdAtMs: NOW_MS },
  firing: true,
  worst: {
    ...{ alert: ALERT, windowStartMs: 1, windowEndMs: 2 },
    declared: { dashboard: 'https://grafana.example/d?feature={feature}&from={from}' },
  },
};

const actionOf = (address: string | undefined): string | undefined => {
  const reading = readLink([KEY], new URL(address!).searchParams.get('token')!, NOW_MS);
  return reading.ok ? reading.claims.action : undefined;
};

describe('links of a message', () => {
  it('lead to the page of the worst alert, and to what is done without signing in', async () => {
    const links = await messageLinks(CONTEXT);
    expect(links.alert).toBe(`${URL_OF_SERVER}/alerts/a%2Fb`);
    expect([links.acknowledge, links.silence].map(actionOf)).toEqual(['alert.acknowledge', 'alert.silence']);
    expect(links.dashboard).toBe('https://grafana.example/d?feature=in%20come&from=1');
  });

  it('lead to a signed page where there is no console, and of a message without alerts', async () => {
    const { alert } = await messageLinks({ ...CONTEXT, hasConsole: false });
    expect(actionOf(alert)).toBe('alert.show');
    expect(actionOf((await messageLinks({ ...CONTEXT, worst: undefined })).alert)).toBe('alert.show');
  });

  it('are none where the server does not know how it is reached, but for those that are declared', async () => {
    const { alert, acknowledge, silence, dashboard } = await messageLinks({ ...CONTEXT, externalUrl: '' });
    expect([alert, acknowledge, silence]).toEqual([undefined, undefined, undefined]);
    expect(dashboard).toContain('grafana.example');
  });

  it('acknowledge and silence nothing that is over', async () => {
    const { acknowledge, silence } = await messageLinks({ ...CONTEXT, firing: false });
    expect([acknowledge, silence]).toEqual([undefined, undefined]);
  });
});

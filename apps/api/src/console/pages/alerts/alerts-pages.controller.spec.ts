import type { Transition } from '@plumbline/contracts';
import { insertTransitions, listAlertActions, listSilences, saveModel } from '@plumbline/storage';
import { modelDeclarationSchema } from '@plumbline/contracts';
import { ConsoleServer } from '../../../../../../test/support/console-server.js';
import { alertPath } from '../../paths.js';

const HOUR_MS = 3_600_000;
const START_MS = Date.UTC(2026, 1, 1);
const STRANGE = '<script>alert("x")</script> ../.. ü & \'';

// @embedded-only: pages read by the queries that other specs run over HTTP
describe('pages of alerts', () => {
  let server: ConsoleServer;
  let fired = 0;

  beforeAll(async () => {
    server = await ConsoleServer.open();
    const declaration = modelDeclarationSchema.parse({});
    await saveModel(server.store, {
      ...{ project: 'p', model: 'loans', declaration, origin: 'declared', updatedAtMs: 1, updatedBy: 't' },
    });
  });
  afterAll(() => server.close());

  /** Stores an alert that fired. */
  const fire = async (changes: Partial<Transition> = {}): Promise<string> => {
    const alertId = `alert-${fired++}`;
    const transition: Transition = {
      project: 'p',
      model: 'loans',
      monitor: 'feature-drift',
      version: '1',
      segment: '',
      feature: 'income',
      method: 'ks',
      transitionId: `${alertId} fired`,
      alertId,
      windowStartMs: START_MS,
      windowEndMs: START_MS + HOUR_MS,
      revision: 0,
      from: 'inactive',
      to: 'firing',
      severity: 'warning',
      severityBefore: 'ok',
      value: 0.3,
      threshold: 0.2,
      nCurrent: 100,
      pValue: NaN,
      reason: 'it has drifted',
      resolvedBy: '',
      decidedAtMs: START_MS + HOUR_MS,
      ...changes,
    };
    await insertTransitions(server.store, [transition], alertId);
    return alertId;
  };

  it('lists what fires first, worst first, and what is over', async () => {
    const mild = await fire({ feature: 'mild one' });
    const grave = await fire({ feature: 'grave one', severity: 'critical' });
    const over = await fire({ feature: 'old one' });
    const visitor = await server.visitor();
    await visitor.submit(alertPath(over), `${alertPath(over)}/resolve`, { author: 'Ada', note: 'a release' });
    const { status, html } = await visitor.get('/alerts');
    expect(status).toBe(200);
    const positions = [grave, mild, over].map((alertId) => html.indexOf(alertPath(alertId)));
    expect(positions.every((position) => position > 0)).toBe(true);
    expect(positions).toEqual([...positions].sort((left, right) => left - right));
    const firing = (await visitor.get('/alerts?state=firing')).html;
    expect(firing).toContain(alertPath(grave));
    expect(firing).not.toContain(alertPath(over));
    expect((await visitor.get('/alerts?state=resolved')).html).not.toContain(alertPath(grave));
    const critical = (await visitor.get('/alerts?severity=critical')).html;
    expect(critical).toContain(alertPath(grave));
    expect(critical).not.toContain(alertPath(mild));
    expect(critical).toContain('<option value="critical" selected>Critical</option>');
    expect((await visitor.get('/alerts?model=fraud')).html).toContain('No firing alert fits the filters');
  });

  it.each([
    ['state=open', 'state: must be firing or resolved'],
    ['severity=high', 'severity: must be critical or warning'],
    ['from=yesterday', 'from: must be a day or an instant'],
    ['cursor=x', 'cursor'],
  ])('says what is wrong with the address %s', async (query, sentence) => {
    const { status, html } = await (await server.visitor()).get(`/alerts?${query}`);
    expect(status).toBe(400);
    expect(html).toContain(sentence);
  });

  it('acknowledges once, says who was first to the second, and takes it back', async () => {
    const alertId = await fire();
    const path = alertPath(alertId);
    const visitor = await server.visitor();
    const done = await visitor.submit(path, `${path}/acknowledge`, { author: 'Ada', note: 'on it' });
    expect(done.html).toContain('Acknowledged: it is not repeated');
    expect(done.html).toMatch(/acknowledged by Ada \(key [0-9a-f]{8}\)/);
    expect(server.stream.kept.at(-1)).toMatchObject({ action: { alertId, action: 'acknowledge' } });
    const late = await visitor.submit(path, `${path}/acknowledge`, { author: 'Grace', note: '' });
    expect(late.html).toMatch(/Nothing was changed: Ada \(key [0-9a-f]{8}\) acknowledged the alert first/);
    expect(await listAlertActions(server.store, { project: 'p', alertIds: [alertId] })).toHaveLength(1);
    const back = await visitor.submit(path, `${path}/unacknowledge`, { author: 'Ada', note: '' });
    expect(back.html).toContain('The acknowledgement is taken back');
    const again = await visitor.submit(path, `${path}/unacknowledge`, { author: 'Grace', note: '' });
    expect(again.html).toContain('nobody has acknowledged the alert');
  });

  it('ends an alert by hand; what comes later is told that it is over', async () => {
    const alertId = await fire();
    const path = alertPath(alertId);
    const visitor = await server.visitor();
    const done = await visitor.submit(path, `${path}/resolve`, { author: 'Ada', note: 'a release' });
    expect(done.html).toContain('Ended.');
    const late = await visitor.submit(path, `${path}/acknowledge`, { author: 'Grace', note: '' });
    expect(late.html).toContain('is resolved already');
    expect(late.html).not.toContain(`${path}/resolve"`);
    const noted = await visitor.submit(path, `${path}/notes`, { author: '', note: STRANGE });
    expect(noted.html).toContain('The note is written down');
    expect(noted.html).not.toContain('<script>alert');
  });

  it('silences what the form says, once however often it is sent, and ends the silence', async () => {
    const alertId = await fire({ feature: 'a "quoted" one' });
    const path = alertPath(alertId);
    const visitor = await server.visitor();
    const form = { author: 'Ada', note: 'known', scope: 'feature', duration: '4h' };
    const request = '0193a0b0-0000-7000-8000-000000000000';
    const done = await visitor.submit(path, `${path}/silence`, { ...form, request });
    expect(done.html).toContain('Silenced until');
    expect(done.html).toContain('All silences');
    await visitor.submit(path, `${path}/silence`, { ...form, request });
    const silences = await listSilences(server.store, ['p'], Date.now());
    expect(silences).toMatchObject([{ matchers: ['model="loans"', 'feature="a \\"quoted\\" one"'], comment: 'known' }]);
    const { silenceId } = silences[0]!;
    const ended = await visitor.submit('/alerts', `/silences/${silenceId}/expire`, {});
    expect(ended.html).toContain('The silence is over');
    expect(await listSilences(server.store, ['p'], Date.now())).toEqual([]);
    const mute = await visitor.submit(path, `${path}/silence`, { ...form, note: ' ', request });
    expect(mute).toMatchObject({ status: 400 });
    expect(mute.html).toMatch(/note: say why/i);
  });

  it('shows a reader no buttons and refuses the forms of one', async () => {
    const path = alertPath(await fire());
    const reader = await server.visitor('read');
    const { html } = await reader.get(path);
    expect(html).not.toContain('/acknowledge');
    expect((await reader.submit(path, `${path}/acknowledge`, { author: '', note: '' })).status).toBe(403);
  });

  it('tells nothing of alerts of another project, nor of those that are none', async () => {
    const path = alertPath(await fire());
    const stranger = await server.visitor('other');
    for (const unknown of [path, alertPath('nothing'), alertPath(STRANGE)]) {
      const page = await stranger.get(unknown);
      expect(page.status).toBe(404);
      expect(page.html).not.toContain('<script>alert');
    }
    expect((await stranger.post(`${path}/acknowledge`, {})).status).toBe(403);
    expect((await stranger.submit('/alerts', `${path}/acknowledge`, { author: '', note: '' })).status).not.toBe(200);
    expect((await stranger.get('/alerts')).html).toContain('All quiet');
  });

  it('shows alerts of features and segments whatever these are called', async () => {
    const names = [STRANGE, '../..', '..', '~', 'a/b?c#d', 'x'.repeat(200), '\u202egnihtemos'];
    const alertIds: string[] = [];
    for (const name of names) {
      alertIds.push(await fire({ feature: name, segment: `country=${name}`, reason: `${name} has drifted` }));
    }
    const visitor = await server.visitor();
    const list = await visitor.get('/alerts');
    const tab = await visitor.get('/models/loans/alerts?from=2026-01-31&to=2026-02-03');
    for (const alertId of alertIds) {
      for (const page of [list, tab, await visitor.get(alertPath(alertId))]) {
        expect(page.status).toBe(200);
        expect(page.html).not.toContain('<script>alert');
        expect(page.html).not.toContain('\u202e');
        expect(page.html).toContain(alertPath(alertId));
      }
    }
  });
});

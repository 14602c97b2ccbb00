import { type AlertLabels, type AlertView, type Route, routeDeclarationSchema } from '@plumbline/contracts';
import fc from 'fast-check';
import {
  coverKey,
  type LastMessage,
  type NotifyReceiver,
  type NotifyWorld,
  type TrackedAlert,
} from './notify-world.js';
import { type PlannedMessage, planNotifications } from './plan-notifications.js';

const T0_MS = Date.UTC(2026, 0, 8, 12);
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const team: NotifyReceiver = {
  receiver: 'team',
  createdAtMs: 0,
  sendResolved: true,
  showsAcknowledgement: true,
  collapses: true,
};

function alert(
  alertId: string,
  {
    history = [['fired', 0]],
    labels = {},
    ...view
  }: { history?: [string, number][]; labels?: Partial<AlertLabels> } & Partial<Omit<AlertView, 'labels'>> = {},
): TrackedAlert {
  const transitions = history.map(([name, atMs]) => ({
    transitionId: `${alertId} ${name}`,
    decidedAtMs: T0_MS + atMs,
  }));
  const resolved = history.at(-1)![0].startsWith('resolved');
  return {
    transitions,
    view: {
      alertId,
      labels: {
        project: 'p',
        model: 'loan',
        version: '1',
        monitor: 'feature-drift',
        segment: '',
        feature: alertId,
        method: 'psi.decile',
        severity: 'warning',
        subject: 'drift',
        ...labels,
      },
      status: resolved ? 'resolved' : 'firing',
      severity: 'warning',
      value: 0.2,
      threshold: 0.1,
      pValue: 0,
      nCurrent: 1_000,
      reason: 'because',
      firedAtMs: T0_MS,
      resolvedAtMs: resolved ? T0_MS + HOUR_MS : undefined,
      acknowledged: undefined,
      transitionId: transitions.at(-1)!.transitionId,
      ...view,
    },
  };
}

function route(name: string, declaration: object): Route {
  return {
    project: 'p',
    route: name,
    declaration: routeDeclarationSchema.parse({ receivers: ['team'], ...declaration }),
  };
}

function world(alerts: TrackedAlert[], values: Partial<NotifyWorld> = {}): NotifyWorld {
  return {
    project: 'p',
    scope: 'model',
    routes: [],
    silences: [],
    alerts,
    lateModels: new Set(),
    lastMessages: [],
    covered: new Set(),
    ...values,
  };
}

/** What is stored once a message was made. */
function stored(message: PlannedMessage, createdAtMs: number, values: Partial<LastMessage> = {}): LastMessage {
  const {
    receiver,
    route: name,
    groupKey,
    groupLabels,
    notificationId,
    incidentId,
    position,
    sequence,
    told,
  } = message;
  return {
    receiver,
    route: name,
    groupKey,
    groupLabels,
    notificationId,
    incidentId,
    position,
    sequence,
    createdAtMs,
    told,
    attempts: 1,
    nextAttemptAtMs: undefined,
    delivered: { firstAtMs: createdAtMs, lastAtMs: createdAtMs, repetitions: 0 },
    ...values,
  };
}

function coverOf(...messages: PlannedMessage[]): Set<string> {
  return new Set(
    messages.flatMap(({ receiver, route: name, covers }) => covers.map((id) => coverKey(receiver, name, id))),
  );
}

/** The world after a message was made and delivered. */
function after(message: PlannedMessage, atMs: number, alerts: TrackedAlert[], values: Partial<NotifyWorld> = {}) {
  return world(alerts, { lastMessages: [stored(message, atMs)], covered: coverOf(message), ...values });
}

const silence = (values: { matchers: string[]; fromMs?: number; toMs?: number }) => ({
  project: 'p',
  silenceId: 's',
  matchers: values.matchers,
  startsAtMs: T0_MS + (values.fromMs ?? 0),
  endsAtMs: T0_MS + (values.toMs ?? HOUR_MS),
  author: 'ada',
  comment: 'known',
  updatedAtMs: T0_MS,
});

describe('planNotifications', () => {
  const first = (alerts: TrackedAlert[], atMs = T0_MS + 30 * SECOND_MS): PlannedMessage =>
    planNotifications(world(alerts), team, atMs).messages[0]!;

  it('waits for a group to fill, then tells of it in one message, the worst first', () => {
    const alerts = [alert('a'), alert('b', { history: [['fired', 10_000]], severity: 'critical' })];
    expect(planNotifications(world(alerts), team, T0_MS + 29_999)).toEqual({
      messages: [],
      attempts: [],
      suppressed: [],
      lookAgainAtMs: T0_MS + 30_000,
    });
    const plan = planNotifications(world(alerts), team, T0_MS + 30_000);
    expect(plan.messages).toMatchObject([
      {
        receiver: 'team',
        route: '',
        groupLabels: { model: 'loan' },
        sequence: 0,
        cause: 'fired',
        status: 'firing',
        alerts: [{ alertId: 'b' }, { alertId: 'a' }],
        covers: ['a fired', 'b fired'],
        decidedAtMs: T0_MS,
      },
    ]);
  });

  it('tells of changes a group interval later, in the same incident, and begins another after it is over', () => {
    const opened = first([alert('a')]);
    const sentAtMs = T0_MS + 30_000;
    const both = [alert('a'), alert('b', { history: [['fired', 40_000]] })];
    const open = after(opened, sentAtMs, both);
    expect(planNotifications(open, team, sentAtMs + 5 * MINUTE_MS - 1).lookAgainAtMs).toBe(sentAtMs + 5 * MINUTE_MS);
    const [changed] = planNotifications(open, team, sentAtMs + 5 * MINUTE_MS).messages;
    expect(changed).toMatchObject({
      incidentId: opened.incidentId,
      sequence: 1,
      cause: 'changed',
      covers: ['b fired'],
    });
    const over = both.map(({ view }) =>
      alert(view.alertId, {
        history: [
          ['fired', view.alertId === 'a' ? 0 : 40_000],
          ['resolved', HOUR_MS],
        ],
      }),
    );
    const [resolved] = planNotifications(
      { ...after(changed!, T0_MS + 6 * MINUTE_MS, over), covered: coverOf(opened, changed!) },
      team,
      T0_MS + HOUR_MS,
    ).messages;
    expect(resolved).toMatchObject({
      incidentId: opened.incidentId,
      sequence: 2,
      cause: 'resolved',
      status: 'resolved',
    });
    const covered = coverOf(opened, changed!, resolved!);
    const again = [...over, alert('a2', { history: [['fired', 2 * HOUR_MS]] })];
    const [next] = planNotifications(
      { ...after(resolved!, T0_MS + HOUR_MS, again), covered },
      team,
      T0_MS + 3 * HOUR_MS,
    ).messages;
    expect(next).toMatchObject({ sequence: 0, position: 4, cause: 'fired', told: [{ alertId: 'a2' }] });
    expect(next!.incidentId).not.toBe(opened.incidentId);
  });

  it('says that a firing alert became critical', () => {
    const opened = first([alert('a')]);
    const worse = alert('a', {
      history: [
        ['fired', 0],
        ['escalated', 60_000],
      ],
      severity: 'critical',
    });
    expect(planNotifications(after(opened, T0_MS, [worse]), team, T0_MS + HOUR_MS).messages).toMatchObject([
      { cause: 'escalated', sequence: 1, covers: ['a escalated'] },
    ]);
  });

  it('repeats what still fires, but not what somebody has acknowledged', () => {
    const opened = first([alert('a')]);
    expect(planNotifications(after(opened, T0_MS, [alert('a')]), team, T0_MS + 1).lookAgainAtMs).toBe(
      T0_MS + 24 * HOUR_MS,
    );
    const [repeated] = planNotifications(after(opened, T0_MS, [alert('a')]), team, T0_MS + 24 * HOUR_MS).messages;
    expect(repeated).toMatchObject({ cause: 'repeated', sequence: 1, covers: [], decidedAtMs: undefined });
    const known = alert('a', { acknowledged: { by: 'ada', note: '', atMs: T0_MS + MINUTE_MS } });
    const [acknowledged] = planNotifications(after(opened, T0_MS, [known]), team, T0_MS + MINUTE_MS).messages;
    expect(acknowledged).toMatchObject({ cause: 'acknowledged' });
    const told = after(acknowledged!, T0_MS + MINUTE_MS, [known], { covered: coverOf(opened) });
    expect(planNotifications(told, team, T0_MS + 1_000 * HOUR_MS)).toMatchObject({
      messages: [],
      lookAgainAtMs: undefined,
    });
    const blind = { ...team, showsAcknowledgement: false };
    expect(planNotifications(after(opened, T0_MS, [known]), blind, T0_MS + MINUTE_MS).messages).toEqual([]);
  });

  it('sends the same again when it is due, and something else when the world has changed since', () => {
    const opened = first([alert('a')]);
    const waiting = { nextAttemptAtMs: T0_MS + 40_000, delivered: undefined };
    const lastMessages = [stored(opened, T0_MS + 30_000, waiting)];
    const same = world([alert('a')], { lastMessages, covered: coverOf(opened) });
    expect(planNotifications(same, team, T0_MS + 39_999)).toMatchObject({
      attempts: [],
      lookAgainAtMs: T0_MS + 40_000,
    });
    expect(planNotifications(same, team, T0_MS + 40_000).attempts).toEqual([opened.notificationId]);
    const over = world(
      [
        alert('a', {
          history: [
            ['fired', 0],
            ['resolved', 35_000],
          ],
        }),
      ],
      {
        lastMessages,
        covered: coverOf(opened),
      },
    );
    expect(planNotifications(over, team, T0_MS + 40_000)).toMatchObject({
      attempts: [],
      messages: [{ incidentId: opened.incidentId, sequence: 1, status: 'resolved', told: [{ status: 'resolved' }] }],
    });
  });

  it('says once more what a message said that has not arrived', () => {
    const both = [alert('a'), alert('b')];
    const opened = first(both);
    const halfOver = [
      alert('a', {
        history: [
          ['fired', 0],
          ['resolved', MINUTE_MS],
        ],
      }),
      alert('b'),
    ];
    const [half] = planNotifications(after(opened, T0_MS, halfOver), team, T0_MS + HOUR_MS).messages;
    const lastMessages = [
      stored(half!, T0_MS + HOUR_MS, { nextAttemptAtMs: T0_MS + 2 * HOUR_MS, delivered: undefined }),
    ];
    const more = [...halfOver, alert('c', { history: [['fired', 2 * HOUR_MS]] })];
    const [next] = planNotifications(
      world(more, { lastMessages, covered: coverOf(opened, half!) }),
      team,
      T0_MS + 2 * HOUR_MS,
    ).messages;
    expect(next!.alerts.map(({ alertId, status }) => `${alertId} ${status}`)).toEqual([
      'b firing',
      'c firing',
      'a resolved',
    ]);
  });

  it('re-sends a resolve three times where that is harmless', () => {
    const opened = first([alert('a')]);
    const over = [
      alert('a', {
        history: [
          ['fired', 0],
          ['resolved', MINUTE_MS],
        ],
      }),
    ];
    const [resolved] = planNotifications(after(opened, T0_MS, over), team, T0_MS + HOUR_MS).messages;
    const sent = T0_MS + HOUR_MS;
    const delivered = (repetitions: number, lastAtMs: number) =>
      world(over, {
        lastMessages: [stored(resolved!, sent, { delivered: { firstAtMs: sent, lastAtMs, repetitions } })],
        covered: coverOf(opened, resolved!),
      });
    expect(planNotifications(delivered(0, sent), team, sent + 1).lookAgainAtMs).toBe(sent + 5 * MINUTE_MS);
    expect(planNotifications(delivered(0, sent), team, sent + 5 * MINUTE_MS).attempts).toEqual([
      resolved!.notificationId,
    ]);
    expect(planNotifications(delivered(1, sent + 5 * MINUTE_MS), team, sent + 6 * MINUTE_MS).lookAgainAtMs).toBe(
      sent + 10 * MINUTE_MS,
    );
    expect(planNotifications(delivered(3, sent + 15 * MINUTE_MS), team, sent + HOUR_MS).attempts).toEqual([]);
    const pager = { ...team, collapses: false };
    expect(planNotifications(delivered(0, sent), pager, sent + 5 * MINUTE_MS).attempts).toEqual([]);
  });

  it('tells in one message of an episode that was over before anything was sent, and not of the end where it is not wanted', () => {
    const over = [
      alert('a', {
        history: [
          ['fired', 0],
          ['resolved', 10_000],
        ],
      }),
    ];
    expect(first(over)).toMatchObject({ status: 'resolved', covers: ['a fired', 'a resolved'] });
    const quiet = { ...team, sendResolved: false };
    const [settled] = planNotifications(world(over), quiet, T0_MS + HOUR_MS).messages;
    expect(settled).toMatchObject({ settledBecause: expect.stringContaining('send_resolved') as string, alerts: [] });
  });

  it('does not tell a new receiver of what was before it', () => {
    const newer = { ...team, createdAtMs: T0_MS + MINUTE_MS };
    const old = [
      alert('a'),
      alert('b', {
        history: [
          ['fired', 0],
          ['resolved', HOUR_MS],
        ],
      }),
    ];
    expect(planNotifications(world(old), newer, T0_MS + 2 * HOUR_MS).messages).toEqual([]);
    const worse = [
      alert('a', {
        history: [
          ['fired', 0],
          ['escalated', HOUR_MS],
        ],
      }),
    ];
    expect(planNotifications(world(worse), newer, T0_MS + 2 * HOUR_MS).messages).toHaveLength(1);
  });

  describe('routes', () => {
    const named = (routes: Route[], receiver = 'team', of = alert('a')) =>
      planNotifications(world([of], { routes }), { ...team, receiver }, T0_MS + HOUR_MS).messages.map(
        (each) => each.route,
      );

    it('asks them in order, and goes on where one says so', () => {
      const loans = route('loans', { order: 1, matchers: ['model=loan'], receivers: ['credit'] });
      const all = route('all', { order: 2 });
      expect(named([loans, all])).toEqual([]);
      expect(named([loans, all], 'credit')).toEqual(['loans']);
      const going = route('loans', { order: 1, matchers: ['model=~"lo.n"'], receivers: ['credit'], continue: true });
      expect(named([going, all])).toEqual(['all']);
      expect(named([route('none', { matchers: ['model!=loan'] })], 'anybody')).toEqual(['']);
      expect(named([route('nobody', { receivers: [] })], 'anybody')).toEqual([]);
    });

    it('groups by the labels it names, and leaves groups without a model to their owner', () => {
      const alerts = ['a', 'b', 'a'].map((feature, i) => alert(`${feature}${i}`, { labels: { feature } }));
      const byFeature = route('r', { group_by: ['model', 'feature'] });
      const plan = planNotifications(world(alerts, { routes: [byFeature] }), team, T0_MS + HOUR_MS);
      expect(plan.messages.map(({ groupLabels, told }) => [groupLabels, told.length])).toEqual([
        [{ feature: 'a', model: 'loan' }, 2],
        [{ feature: 'b', model: 'loan' }, 1],
      ]);
      const together = [route('r', { group_by: [] })];
      expect(planNotifications(world(alerts, { routes: together }), team, T0_MS + HOUR_MS).messages).toEqual([]);
      const whole = world(alerts, { routes: together, scope: 'project' });
      expect(planNotifications(whole, team, T0_MS + HOUR_MS).messages).toMatchObject([{ groupKey: '{}', route: 'r' }]);
    });

    it('tells that an alert is over to whoever was told, though its route is gone', () => {
      const routes = [route('r', {})];
      const [opened] = planNotifications(world([alert('a')], { routes }), team, T0_MS + HOUR_MS).messages;
      const gone = after(
        opened!,
        T0_MS,
        [
          alert('a', {
            history: [
              ['fired', 0],
              ['resolved', 5],
            ],
          }),
        ],
        {
          routes: [route('nobody', { receivers: [] })],
        },
      );
      expect(planNotifications(gone, team, T0_MS + HOUR_MS).messages).toMatchObject([
        { route: 'r', incidentId: opened!.incidentId, status: 'resolved' },
      ]);
    });

    it('tells the other receivers that one fails', () => {
      const failing = alert('x', { labels: { model: '', monitor: 'receivers', feature: 'pager', subject: 'service' } });
      const whole = world([failing], { scope: 'project' });
      expect(planNotifications(whole, team, T0_MS).messages).toMatchObject([{ groupLabels: { feature: 'pager' } }]);
      expect(planNotifications(whole, { ...team, receiver: 'pager' }, T0_MS).messages).toEqual([]);
    });
  });

  describe('what is withheld', () => {
    it('says nothing while a silence lasts, and what still fires when it is over', () => {
      const silences = [silence({ matchers: ['feature=a', 'model=~"l.*"'] })];
      const during = planNotifications(world([alert('a')], { silences }), team, T0_MS + MINUTE_MS);
      expect(during).toMatchObject({ messages: [], suppressed: [], lookAgainAtMs: T0_MS + HOUR_MS });
      expect(planNotifications(world([alert('a')], { silences }), team, T0_MS + HOUR_MS).messages).toHaveLength(1);
      const other = planNotifications(world([alert('b')], { silences }), team, T0_MS + MINUTE_MS);
      expect(other.messages).toHaveLength(1);
    });

    it('settles an episode that nobody heard of, and always says that one is over that somebody heard of', () => {
      const silences = [silence({ matchers: ['feature=a'] })];
      const over = alert('a', {
        history: [
          ['fired', 0],
          ['resolved', MINUTE_MS],
        ],
      });
      expect(planNotifications(world([over], { silences }), team, T0_MS + 2 * MINUTE_MS)).toMatchObject({
        messages: [],
        suppressed: [
          {
            alertId: 'a',
            transitionIds: ['a fired', 'a resolved'],
            withheld: { reason: 'silenced', detail: 'silenced by ada: known' },
          },
        ],
      });
      const opened = first([alert('a')], T0_MS + HOUR_MS);
      expect(
        planNotifications(after(opened, T0_MS, [over], { silences }), team, T0_MS + 10 * MINUTE_MS).messages,
      ).toMatchObject([{ status: 'resolved' }]);
    });

    it('does not repeat what is silenced, nor close an incident with it', () => {
      const both = [alert('a'), alert('b')];
      const opened = first(both);
      const silences = [silence({ matchers: ['feature=a'], toMs: 1_000 * HOUR_MS })];
      const quiet = after(opened, T0_MS, [alert('a')], { silences });
      expect(planNotifications(quiet, team, T0_MS + 100 * HOUR_MS).messages).toEqual([]);
      const halfOver = [
        alert('a'),
        alert('b', {
          history: [
            ['fired', 0],
            ['resolved', MINUTE_MS],
          ],
        }),
      ];
      expect(
        planNotifications(after(opened, T0_MS, halfOver, { silences }), team, T0_MS + HOUR_MS).messages,
      ).toMatchObject([
        {
          status: 'firing',
          told: [
            { alertId: 'a', status: 'firing' },
            { alertId: 'b', status: 'resolved' },
          ],
        },
      ]);
    });

    it('tells of the cause, not of what follows from it', () => {
      const schema = alert('invalid', { labels: { subject: 'schema', monitor: 'data-quality' }, severity: 'critical' });
      const drift = [alert('a'), alert('b', { labels: { version: '2' } }), alert('c', { labels: { model: 'fraud' } })];
      const [message, other] = planNotifications(world([schema, ...drift]), team, T0_MS + HOUR_MS).messages;
      expect(message!.alerts.map(({ alertId }) => alertId)).toEqual(['invalid', 'b']);
      expect(message!.remarks).toEqual(['1 alert on drift withheld: because of the alert of data-quality on schema']);
      expect(other!.alerts.map(({ alertId }) => alertId)).toEqual(['c']);
      const milder = alert('invalid', { labels: { subject: 'schema' } });
      const worse = alert('a', { severity: 'critical' });
      expect(planNotifications(world([milder, worse]), team, T0_MS + HOUR_MS).messages[0]!.told).toHaveLength(2);
      const late = world([alert('a')], { lateModels: new Set(['loan']) });
      expect(planNotifications(late, team, T0_MS + HOUR_MS).messages).toEqual([]);
    });

    it('keeps quiet in mute times of the route', () => {
      const routes = [route('r', { mute: [{ from: '12:00', to: '13:00' }] })];
      const muted = planNotifications(world([alert('a')], { routes }), team, T0_MS + MINUTE_MS);
      expect(muted).toMatchObject({ messages: [], lookAgainAtMs: T0_MS + 15 * MINUTE_MS });
      expect(planNotifications(world([alert('a')], { routes }), team, T0_MS + HOUR_MS).messages).toHaveLength(1);
    });
  });

  it('goes on at once after the clock was set back', () => {
    const opened = first([alert('a')]);
    const open = after(opened, T0_MS + 10 * HOUR_MS, [alert('a'), alert('b', { history: [['fired', 9 * HOUR_MS]] })]);
    expect(planNotifications(open, team, T0_MS).messages).toHaveLength(1);
    expect(
      planNotifications(world([alert('b', { history: [['fired', 9 * HOUR_MS]] })]), team, T0_MS).messages,
    ).toHaveLength(1);
  });
});

describe('a receiver over time', () => {
  const FEATURES = ['a', 'b', 'c'] as const;
  type Step =
    | { readonly kind: 'pass'; readonly seconds: number }
    | { readonly kind: 'alert' | 'acknowledge' | 'silence'; readonly feature: (typeof FEATURES)[number] };
  const step: fc.Arbitrary<Step> = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('pass' as const), seconds: fc.integer({ min: 1, max: 900 }) }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('alert' as const), feature: fc.constantFrom(...FEATURES) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constantFrom('acknowledge' as const, 'silence' as const),
        feature: fc.constantFrom(...FEATURES),
      }),
    },
  );
  /** What becomes of an attempt; `lost`: it arrived, and nobody knows, since the process was killed before it wrote that down. */
  const fate = fc.constantFrom<'ok' | 'failed' | 'lost' | 'killed'>('ok', 'ok', 'ok', 'failed', 'lost', 'killed');

  interface Episode {
    readonly alertId: string;
    readonly feature: string;
    readonly history: [string, number][];
    acknowledgedAtMs: number | undefined;
  }

  it('hears of every episode, of each thing once, of its end after its beginning, and of nothing that is silenced', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.array(fate, { minLength: 1, maxLength: 40 }),
        (steps, fates) => {
          let nowMs = T0_MS;
          let sends = 0;
          const episodes: Episode[] = [];
          const silenced = new Set<string>();
          const covered = new Set<string>();
          const contents = new Map<string, string>();
          const arrived: PlannedMessage[] = [];
          const messages = new Map<string, PlannedMessage>();
          const suppressed = new Set<string>();
          let last: LastMessage | undefined;

          const present = (): NotifyWorld =>
            world(
              episodes.map(({ alertId, feature, history, acknowledgedAtMs }) =>
                alert(alertId, {
                  history,
                  labels: { feature },
                  acknowledged:
                    acknowledgedAtMs === undefined ? undefined : { by: 'ada', note: '', atMs: acknowledgedAtMs },
                }),
              ),
              {
                silences: [...silenced].map((feature) =>
                  silence({ matchers: [`feature=${feature}`], toMs: 10_000 * HOUR_MS }),
                ),
                lastMessages: last === undefined ? [] : [last],
                covered,
              },
            );
          const attempt = (message: PlannedMessage, outcome: 'ok' | 'failed' | 'lost' | 'killed'): void => {
            if (outcome === 'ok' || outcome === 'lost') arrived.push(message);
            const attempts = last!.attempts + 1;
            if (outcome === 'ok') {
              const { firstAtMs = nowMs, repetitions = -1 } = last!.delivered ?? {};
              const delivered = { firstAtMs, lastAtMs: nowMs, repetitions: repetitions + 1 };
              last = { ...last!, attempts, nextAttemptAtMs: undefined, delivered };
            } else if (outcome === 'failed' && last!.delivered === undefined) {
              last = { ...last!, attempts, nextAttemptAtMs: nowMs + attempts * 5_000 };
            }
          };
          /** Works off what is due, as the notifier does. */
          const work = (outcomeOf: () => 'ok' | 'failed' | 'lost' | 'killed'): number | undefined => {
            for (let round = 0; ; round++) {
              if (round > 20) throw new Error('it never comes to rest');
              const plan = planNotifications(present(), team, nowMs);
              for (const { receiver, route: name, transitionIds, alertId } of plan.suppressed) {
                suppressed.add(alertId);
                for (const id of transitionIds) covered.add(coverKey(receiver, name, id));
              }
              for (const message of plan.messages) {
                for (const { alertId, status } of message.told) {
                  const { feature } = episodes.find((each) => each.alertId === alertId)!;
                  const knows = [...messages.values()].some(({ told }) =>
                    told.some((each) => each.alertId === alertId),
                  );
                  if (silenced.has(feature) && !knows) throw new Error(`${alertId} ${status} was told though silenced`);
                }
                const { notificationId } = message;
                if (messages.has(notificationId)) throw new Error(`${notificationId} was made twice`);
                messages.set(notificationId, message);
                for (const id of message.covers) {
                  const key = coverKey(message.receiver, message.route, id);
                  if (covered.has(key)) throw new Error(`${id} was covered twice`);
                  covered.add(key);
                }
                last = stored(message, nowMs, { attempts: 0, nextAttemptAtMs: nowMs, delivered: undefined });
              }
              const due = plan.messages[0] ?? (plan.attempts.length > 0 ? messages.get(plan.attempts[0]!) : undefined);
              if (due === undefined && plan.suppressed.length === 0) return plan.lookAgainAtMs;
              if (due === undefined) continue;
              const text = JSON.stringify(due);
              if ((contents.get(due.notificationId) ?? text) !== text) throw new Error('one key, two contents');
              contents.set(due.notificationId, text);
              const outcome = outcomeOf();
              attempt(due, outcome);
              if (outcome === 'lost' || outcome === 'killed') return nowMs;
            }
          };
          const nextFate = () => fates[sends++ % fates.length]!;

          for (const each of steps) {
            const open = (feature: string) =>
              episodes.find((one) => one.feature === feature && one.history.at(-1)![0] !== 'resolved');
            if (each.kind === 'pass') {
              // As timers do: at each instant that was foreseen.
              const untilMs = nowMs + each.seconds * SECOND_MS;
              for (let wakes = 0; ; wakes++) {
                const nextMs = work(nextFate);
                if (nextMs === undefined || nextMs > untilMs || wakes > 200) break;
                nowMs = Math.max(nextMs, nowMs);
              }
              nowMs = untilMs;
            } else if (each.kind === 'alert') {
              const episode = open(each.feature);
              if (episode === undefined) {
                const alertId = `${each.feature}${episodes.length}`;
                episodes.push({
                  alertId,
                  feature: each.feature,
                  history: [['fired', nowMs - T0_MS]],
                  acknowledgedAtMs: undefined,
                });
              } else episode.history.push(['resolved', nowMs - T0_MS]);
            } else if (each.kind === 'acknowledge') {
              const episode = open(each.feature);
              if (episode !== undefined) episode.acknowledgedAtMs = nowMs;
            } else if (!silenced.delete(each.feature)) silenced.add(each.feature);
            work(nextFate);
          }
          silenced.clear();
          for (const { history } of episodes) {
            if (history.at(-1)![0] !== 'resolved') history.push(['resolved', nowMs - T0_MS]);
          }
          for (let i = 0; i < 10; i++) {
            work(() => 'ok');
            nowMs += 10 * MINUTE_MS;
          }
          // Everything settles.
          expect(planNotifications(present(), team, nowMs)).toEqual({
            messages: [],
            attempts: [],
            suppressed: [],
            lookAgainAtMs: undefined,
          });
          for (const { alertId, history } of episodes) {
            for (const [name] of history) {
              expect(covered.has(coverKey('team', '', `${alertId} ${name}`))).toBe(true);
            }
            const heard = arrived
              .flatMap(({ told }) => told.filter((one) => one.alertId === alertId))
              .map(({ status }) => status);
            const everTold = [...messages.values()].some(({ told }) => told.some((one) => one.alertId === alertId));
            // Told of, or settled as one that was silenced from beginning to end.
            expect(everTold || suppressed.has(alertId)).toBe(true);
            if (everTold) expect(heard.at(-1)).toBe('resolved');
            expect(heard.lastIndexOf('firing')).toBeLessThan(
              heard.includes('resolved') ? heard.indexOf('resolved') : Infinity,
            );
          }
          // To whoever tells repetitions by their key nothing is said twice.
          const distinct = new Map(arrived.map((message) => [message.notificationId, message]));
          const said = [...distinct.values()]
            .filter(({ cause }) => cause !== 'repeated')
            .map(({ told, incidentId }) => JSON.stringify([incidentId, ...told]));
          expect(new Set(said).size).toBe(said.length);
        },
      ),
      { numRuns: 1_000, seed: 20_261_121 },
    );
  });
});

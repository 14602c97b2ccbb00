import type { Transition } from '@plumbline/contracts';
import type { OutboxEntry } from '@plumbline/storage';
import { composeNotification } from './compose-notification.js';
import { groupDeliveries, inOrder } from './group-deliveries.js';

const NOW_MS = Date.UTC(2026, 0, 8);
const DAY_MS = 86_400_000;

function entry(transition: Partial<Transition>, sent: Partial<OutboxEntry> = {}): OutboxEntry {
  return {
    transition: {
      transitionId: 't',
      project: 'p',
      model: 'm',
      monitor: 'drift',
      alertId: `alert of ${transition.feature ?? 'f'}`,
      version: '1',
      segment: '',
      feature: 'f',
      method: 'psi.decile',
      windowStartMs: NOW_MS - DAY_MS,
      windowEndMs: NOW_MS,
      revision: 0,
      from: 'inactive',
      to: 'firing',
      severity: 'warning',
      value: 0.2,
      threshold: 0.1,
      nCurrent: 100,
      pValue: NaN,
      reason: '',
      decidedAtMs: NOW_MS,
      ...transition,
    },
    firedAtMs: NOW_MS,
    deliveryId: '',
    attempts: 0,
    nextAttemptAtMs: 0,
    ...sent,
  };
}
const idsOf = (entries: readonly OutboxEntry[]) => entries.map(({ transition }) => transition.transitionId);

describe('groupDeliveries', () => {
  it('makes one message of what one evaluation of one monitor changed, oldest first', () => {
    const groups = groupDeliveries('team', [
      entry({ transitionId: 'b1', monitor: 'quality' }),
      entry({ transitionId: 'a2', feature: 'g' }),
      entry({ transitionId: 'a1' }),
      entry({ transitionId: 'late', revision: 1 }),
      entry({ transitionId: 'old', windowEndMs: NOW_MS - DAY_MS }),
    ]);
    expect(groups.map(({ entries }) => idsOf(entries))).toEqual([['old'], ['b1'], ['a2', 'a1'], ['late']]);
  });

  it('tells a correction of an old window last, and never together with what it corrects', () => {
    const atMs = (minutes: number) => NOW_MS + minutes * 60_000;
    const groups = groupDeliveries('team', [
      entry({ transitionId: 'undone', revision: 1, from: 'firing', to: 'inactive', decidedAtMs: atMs(2) }),
      entry({ transitionId: 'raised', revision: 1, decidedAtMs: atMs(1) }),
      entry({ transitionId: 'fired again', windowEndMs: NOW_MS + DAY_MS }),
    ]);
    expect(groups.map(({ entries }) => idsOf(entries))).toEqual([['fired again'], ['raised'], ['undone']]);
  });

  it('gives an id that depends on the receiver and what it is told, not on the order', () => {
    const [a, b] = [entry({ transitionId: 'a' }), entry({ transitionId: 'b' })];
    const id = (receiver: string, entries: readonly OutboxEntry[]) => groupDeliveries(receiver, entries)[0]!.deliveryId;
    expect(id('team', [a, b])).toBe(id('team', [b, a]));
    expect(new Set([id('team', [a, b]), id('other', [a, b]), id('team', [a]), id('team', [b])]).size).toBe(4);
  });

  it('keeps what was attempted as it was, whatever came after', () => {
    const sent = { deliveryId: 'sent', attempts: 2, nextAttemptAtMs: NOW_MS + 1 };
    const groups = groupDeliveries('team', [entry({ transitionId: 'a' }, sent), entry({ transitionId: 'b' })]);
    expect(groups[0]).toMatchObject({ ...sent, entries: [{ transition: { transitionId: 'a' } }] });
    expect(idsOf(groups[1]!.entries)).toEqual(['b']);
  });
});

describe('inOrder', () => {
  it('lets a message wait for an older one about the same alert, and no other', () => {
    const resolved = { from: 'firing', to: 'inactive', windowEndMs: NOW_MS + DAY_MS } as const;
    const groups = groupDeliveries('team', [
      entry({ transitionId: 'fired' }, { deliveryId: 'd', attempts: 1, nextAttemptAtMs: NOW_MS + 60_000 }),
      entry({ transitionId: 'resolved', ...resolved }),
      entry({ transitionId: 'other', feature: 'g', monitor: 'quality', windowEndMs: NOW_MS + DAY_MS }),
    ]);
    expect(inOrder(groups).map(({ entries }) => idsOf(entries))).toEqual([['fired'], ['other']]);
    expect(inOrder(groups.slice(1)).map(({ entries }) => idsOf(entries))).toEqual([['resolved'], ['other']]);
  });
});

describe('composeNotification', () => {
  const compose = (entries: OutboxEntry[]) => composeNotification('team', groupDeliveries('team', entries)[0]!);

  it('lists the worst first', () => {
    const notification = compose([
      entry({ transitionId: '1', feature: 'gone', to: 'inactive', from: 'firing', value: 0.01 }),
      entry({ transitionId: '2', feature: 'mild' }),
      entry({ transitionId: '3', feature: 'bad', value: 0.9 }),
      entry({ transitionId: '4', feature: 'critical', severity: 'critical', value: 0.3 }),
      entry({ transitionId: '5', feature: 'bad', method: 'ks', value: NaN, threshold: NaN }),
      entry({ transitionId: '6', feature: '' }),
    ]);
    expect(notification).toMatchObject({ status: 'firing', severity: 'critical', receiver: 'team' });
    expect(notification.groupLabels).toEqual({ project: 'p', model: 'm', monitor: 'drift' });
    const listed = notification.alerts.map(({ labels }) => labels.feature);
    expect(listed).toEqual(['critical', 'bad', '', 'mild', 'bad', 'gone']);
  });

  it('is resolved when nothing in it fires', () => {
    expect(compose([entry({ from: 'firing', to: 'inactive', severity: 'warning' })])).toMatchObject({
      status: 'resolved',
      severity: 'ok',
    });
  });
});

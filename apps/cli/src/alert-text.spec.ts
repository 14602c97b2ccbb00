import type { AlertDetailReply } from '@plumbline/contracts';
import { alertDetailText, alertTable } from './alert-text.js';

const alert: AlertDetailReply = {
  alert_id: 'a1',
  model: 'loans',
  version: '1',
  monitor: 'feature-drift',
  segment: '',
  feature: 'income',
  method: 'psi.decile',
  status: 'firing',
  severity: 'critical',
  value: 0.4,
  threshold: null,
  reason: 'It drifted.',
  fired_at: '2026-01-01T00:00:00.000Z',
  resolved_at: null,
  resolved_by: null,
  acknowledged_by: 'ann',
  acknowledged_at: '2026-01-01T01:00:00.000Z',
  history: [
    {
      transition_id: 't1',
      from: 'inactive',
      to: 'firing',
      severity: 'critical',
      severity_before: 'ok',
      value: 0.4,
      threshold: 0.2,
      p_value: null,
      n_current: 100,
      window_start: '2025-12-31T00:00:00.000Z',
      window_end: '2026-01-01T00:00:00.000Z',
      revision: 0,
      reason: 'It drifted.',
      resolved_by: null,
      notifiable: true,
      decided_at: '2026-01-01T00:05:00.000Z',
    },
  ],
  actions: [{ action_id: 'x', action: 'acknowledge', author: 'ann', note: 'mine', at: '2026-01-01T01:00:00.000Z' }],
};

describe('text of alerts', () => {
  it('lists them with the id by which something is done about them', () => {
    const [header, line] = alertTable([alert]).split('\n');
    expect(header).toMatch(/^id +status .* acknowledged by$/);
    expect(line).toMatch(/^a1 +firing +critical +loans .* ann$/);
  });

  it('tells how one went and what was done, and leaves out what is not there', () => {
    const text = alertDetailText(alert);
    expect(text).toContain('feature: income\n');
    expect(text).not.toMatch(/^(segment|threshold|resolved_at):/m);
    expect(text).toMatch(/2026-01-01T00:00:00\.000Z +inactive > firing +critical +0\.4 +0\.2 .*It drifted\./);
    expect(text).toMatch(/2026-01-01T01:00:00\.000Z +acknowledge +ann +mine$/);
    expect(alertDetailText({ ...alert, actions: [] })).not.toContain('action');
  });
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AlertDetailReply, AlertReply } from '@plumbline/contracts';
import { runCli } from '../support/cli.js';
import { StandaloneServer } from '../support/standalone-server.js';

const HOUR_MS = 3_600_000;
const startMs = Math.floor(Date.now() / 86_400_000 - 1) * 86_400_000;
const hour = (index: number): string => new Date(startMs + index * HOUR_MS).toISOString();

/** A model whose traffic falls away, from the command line: what a person on call does about it. @embedded-only */
describe('actions on alerts', () => {
  let dataDir: string;
  let server: StandaloneServer;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-actions-'));
    server = await StandaloneServer.start({ dataDir });
    const put = async (path: string, body: object): Promise<void> => {
      const headers = { 'content-type': 'application/json' };
      const { status } = await fetch(server.url + path, { method: 'PUT', headers, body: JSON.stringify(body) });
      expect(status).toBe(200);
    };
    await put('/v1/models/quiet', { default_monitors: false, windows: { every: '1h' } });
    const thresholds = { volume: { warning: 100, critical: 10 } };
    await put('/v1/models/quiet/monitors/volume', { detector: 'traffic', thresholds, keep_firing_for: 0 });
  }, 180_000);
  afterAll(async () => {
    await StandaloneServer.killAll();
    await rm(dataDir, { recursive: true, force: true });
  });

  const plumbline = (...args: string[]) => runCli(server.url, ...args);
  const json = async <T>(...args: string[]): Promise<T> => {
    const { code, stdout, stderr } = await plumbline(...args, '--json');
    if (code !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as T;
  };
  /** Sends so many predictions in an hour, and evaluates it. */
  const pass = async (index: number, count: number): Promise<void> => {
    const events = Array.from({ length: count }, (_, i) => ({
      model: 'quiet',
      prediction_id: `${index}-${i}`,
      timestamp: hour(index),
      features: { x: 1 },
    }));
    const { status } = await server.post('/v1/predictions', JSON.stringify(events));
    expect(status).toBe(200);
    const range = ['--from', hour(index), '--to', hour(index + 1)];
    expect(await plumbline('evaluate', '--model', 'quiet', ...range)).toMatchObject({ code: 0 });
  };
  const alerts = (...args: string[]) => json<AlertReply[]>('alerts', '--model', 'quiet', ...args);

  it('acknowledge it, resolve it, and see another one when it goes on', async () => {
    await pass(0, 50);
    await pass(1, 5);
    const [alert] = await alerts();
    const id = alert!.alert_id;
    expect(alert).toMatchObject({ status: 'firing', severity: 'critical', acknowledged_by: null });
    const shown = await json<AlertDetailReply>('alerts', 'show', id);
    expect(shown.history).toMatchObject([
      { from: 'inactive', to: 'firing', severity: 'warning', notifiable: true },
      { from: 'firing', to: 'firing', severity: 'critical', severity_before: 'warning', notifiable: true },
    ]);

    await plumbline('alerts', 'ack', id, '--note', 'looking');
    expect(await alerts()).toMatchObject([{ alert_id: id, acknowledged_by: 'local' }]);
    await plumbline('alerts', 'unack', id);
    expect(await alerts()).toMatchObject([{ alert_id: id, acknowledged_by: null }]);
    expect((await plumbline('alerts', 'note', id, 'the gateway was moved')).stdout).toContain('the gateway was moved');

    const resolved = await json<AlertDetailReply>('alerts', 'resolve', id, '--note', 'known');
    expect(resolved).toMatchObject({ status: 'resolved', resolved_by: 'local', reason: 'Resolved by local: known' });
    expect(resolved.actions.map(({ action }) => action)).toEqual(['acknowledge', 'unacknowledge', 'note', 'resolve']);
    const late = await plumbline('alerts', 'ack', id, '--note', 'too late');
    expect(late).toMatchObject({ code: 1 });
    expect(late.stderr).toContain('is resolved already (by local)');
    expect(await plumbline('alerts', 'show', 'nothing')).toMatchObject({ code: 1 });

    await pass(2, 50);
    const [next, first] = await alerts();
    expect(first).toMatchObject({ alert_id: id, status: 'resolved', resolved_by: 'local' });
    expect(next).toMatchObject({ status: 'firing', severity: 'warning', fired_at: hour(3) });
    expect(next!.alert_id).not.toBe(id);

    // Late data for the hour in which the first one fired changes nothing of what was resolved.
    await pass(0, 60);
    expect((await alerts()).map(({ alert_id, status }) => [alert_id, status])).toEqual([
      [next!.alert_id, 'firing'],
      [id, 'resolved'],
    ]);
  }, 600_000);
});

import { Health } from './health.js';

describe('Health', () => {
  it('is ready without checks', async () => {
    expect(await new Health().readiness()).toEqual({ status: 'ready', checks: {} });
  });

  it.each<[string, () => Promise<{ ok: boolean; detail?: string }>, object]>([
    ['says so', async () => ({ ok: false, detail: 'no leader' }), { ok: false, detail: 'no leader' }],
    [
      'throws',
      () => {
        throw new Error('refused');
      },
      { ok: false, detail: 'refused' },
    ],
    ['rejects', async () => Promise.reject(new Error('refused')), { ok: false, detail: 'refused' }],
    ['hangs', () => new Promise(() => undefined), { ok: false, detail: 'no answer within 5 ms' }],
  ])('is not ready when a check %s', async (_, check, result) => {
    const health = new Health(5);
    health.register('store', async () => ({ ok: true }));
    health.register('stream', check);
    expect(await health.readiness()).toEqual({ status: 'not_ready', checks: { store: { ok: true }, stream: result } });
  });

  it('is ready again when the check holds again', async () => {
    const health = new Health();
    let ok = false;
    health.register('store', async () => ({ ok }));
    expect((await health.readiness()).status).toBe('not_ready');
    ok = true;
    expect((await health.readiness()).status).toBe('ready');
  });

  it('is draining for good', async () => {
    const health = new Health();
    health.register('store', async () => ({ ok: true }));
    health.setDraining();
    expect(await health.readiness()).toEqual({ status: 'draining', checks: { store: { ok: true } } });
  });

  it('refuses a second check of a name', () => {
    const health = new Health();
    health.register('store', async () => ({ ok: true }));
    expect(() => health.register('store', async () => ({ ok: true }))).toThrow('"store"');
  });
});

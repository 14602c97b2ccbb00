import { Lanes } from './lanes.js';

const noError = (error: unknown): never => {
  throw error;
};

describe('Lanes', () => {
  it('never runs a key twice at a time, and once more when woken during a run', async () => {
    const lanes = new Lanes(noError);
    const finish: (() => void)[] = [];
    const work = async (): Promise<undefined> => {
      await new Promise<void>((resolve) => finish.push(resolve));
      return undefined;
    };
    for (let wakes = 0; wakes < 3; wakes++) lanes.wake('a', work);
    lanes.wake('b', work);
    expect(finish).toHaveLength(2);
    for (const resolve of finish.splice(0)) resolve();
    while (finish.length < 1) await Promise.resolve();
    finish[0]!();
    await lanes.idle();
    expect(finish).toHaveLength(1);
  });

  it('wakes a key by itself when its work says so, and after an error when onError says so', async () => {
    const errors: unknown[] = [];
    const runs: number[] = [];
    await new Promise<void>((resolve) => {
      const lanes = new Lanes((error) => {
        errors.push(error);
        return 0;
      });
      lanes.wake('a', async (nowMs) => {
        runs.push(nowMs);
        if (runs.length === 1) return nowMs;
        if (runs.length === 2) throw new Error('on purpose');
        resolve();
        return undefined;
      });
    });
    expect(runs).toHaveLength(3);
    expect(errors).toHaveLength(1);
  });

  it('begins nothing after stop', async () => {
    const lanes = new Lanes(noError);
    let runs = 0;
    let finish!: () => void;
    lanes.wake('a', async (nowMs) => {
      runs += 1;
      await new Promise<void>((resolve) => (finish = resolve));
      return nowMs;
    });
    lanes.wake('a', async () => undefined);
    lanes.stop();
    lanes.wake('b', async () => {
      runs += 1;
      return undefined;
    });
    finish();
    await lanes.idle();
    expect(runs).toBe(1);
  });
});

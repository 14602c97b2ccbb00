import { Limiter } from './limiter.js';

describe('Limiter', () => {
  it('runs as many as allowed, in order, also after failures', async () => {
    const limiter = new Limiter({ concurrent: 2 });
    const begun: number[] = [];
    const finish: (() => void)[] = [];
    let most = 0;
    let running = 0;
    const tasks = Array.from({ length: 6 }, (_, index) =>
      limiter.run(async () => {
        begun.push(index);
        most = Math.max(most, ++running);
        await new Promise<void>((resolve) => finish.push(resolve));
        running -= 1;
        if (index % 2 === 0) throw new Error('on purpose');
        return index;
      }),
    );
    const settled = Promise.allSettled(tasks);
    for (let done = 0; done < 6; done++) {
      while (finish.length <= done) await Promise.resolve();
      finish[done]!();
    }
    expect((await settled).map((each) => (each.status === 'fulfilled' ? each.value : 'failed'))).toEqual([
      'failed',
      1,
      'failed',
      3,
      'failed',
      5,
    ]);
    expect(begun).toEqual([0, 1, 2, 3, 4, 5]);
    expect(most).toBe(2);
    expect(await limiter.run(async () => 'free again')).toBe('free again');
  });

  it('spreads what it begins over the minute, and holds back when it is asked to', async () => {
    const limiter = new Limiter({ concurrent: 4, perMinute: 600 });
    const begun: number[] = [];
    const startMs = performance.now();
    const task = async () => void begun.push(performance.now() - startMs);
    await Promise.all([limiter.run(task), limiter.run(task), limiter.run(task)]);
    // Timers may be late, never early by more than their grain.
    expect(begun[1]).toBeGreaterThan(95);
    expect(begun[2]).toBeGreaterThan(195);
    limiter.holdBack(300);
    await limiter.run(task);
    expect(begun[3]! - begun[2]!).toBeGreaterThan(290);
  });

  it('gives up waiting when it is told to', async () => {
    const limiter = new Limiter({ concurrent: 1 });
    const abort = new AbortController();
    limiter.holdBack(60 * 60_000);
    const waiting = limiter.run(async () => 'never', abort.signal);
    abort.abort(new Error('the end'));
    await expect(waiting).rejects.toThrow('the end');
  });
});

import { Limiter } from './limiter.js';

describe('Limiter', () => {
  it('runs as many as allowed, in order, also after failures', async () => {
    const limiter = new Limiter(2);
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
});

import { distinctCalls } from './judge-notifications.js';

describe('distinctCalls', () => {
  it('counts a repetition once, and not at all what was not answered', () => {
    const { bodies, problems } = distinctCalls([
      { id: 'a', body: '1', answer: 'refused' },
      { id: 'a', body: '1', answer: 'ok' },
      { id: 'a', body: '1', answer: 'ok' },
      { id: 'b', body: '2', answer: 'dropped' },
    ]);
    expect([...bodies]).toEqual([['a', '1']]);
    expect(problems).toEqual([]);
  });

  it('finds two messages under one key', () => {
    const { problems } = distinctCalls([
      { id: 'a', body: '1', answer: 'ok' },
      { id: 'a', body: '2', answer: 'ok' },
    ]);
    expect(problems).toEqual(['a came with two bodies: 1 and 2']);
  });
});

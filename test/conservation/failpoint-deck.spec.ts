import { FailpointDeck } from './failpoint-deck.js';
import { SeededRandom } from './seeded-random.js';

it('brings what was not reached again and again, and the others when all were reached', () => {
  const deck = new FailpointDeck(['a', 'b', 'c'], new SeededRandom(1));
  const first = [deck.next(), deck.next(), deck.next()];
  expect([...first].sort()).toEqual(['a', 'b', 'c']);
  deck.hit(first[0]!);
  expect([deck.next(), deck.next(), deck.next()]).toEqual([first[1], first[2], first[1]]);
  deck.hit(first[1]!);
  deck.hit(first[1]!);
  expect([deck.next(), deck.next()]).toEqual([first[2], first[2]]);
  deck.hit(first[2]!);
  expect([deck.next(), deck.next(), deck.next()].sort()).toEqual(['a', 'b', 'c']);
});

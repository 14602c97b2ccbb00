import { parseArgs } from 'node:util';

export interface Options {
  readonly seed: number;
  readonly kills: number;
  readonly predictionsPerLife: number;
}

/** @throws RangeError naming the option and what it takes */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
      kills: { type: 'string', default: '50' },
      events: { type: 'string', default: '600' },
    },
  });
  return {
    seed: wholeNumber('seed', values.seed),
    kills: wholeNumber('kills', values.kills),
    predictionsPerLife: wholeNumber('events', values.events),
  };
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`--${name} takes a whole number, not "${text}"`);
  return value;
}

import { parseArgs } from 'node:util';

const topologies = ['standalone', 'distributed'] as const;
export type Topology = (typeof topologies)[number];

export interface Options {
  readonly seed: number;
  readonly kills: number;
  /** New ones that are issued before the next kill, at most. */
  readonly predictionsPerLife: number;
  /** One after the other, sharing the kills. */
  readonly topologies: readonly Topology[];
}

/** @throws RangeError naming the option and what it takes */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
      kills: { type: 'string', default: '50' },
      topology: { type: 'string' },
      events: { type: 'string', default: '400' },
    },
  });
  return {
    seed: wholeNumber('seed', values.seed),
    kills: wholeNumber('kills', values.kills),
    predictionsPerLife: wholeNumber('events', values.events),
    topologies: values.topology === undefined ? topologies : [topologyOf(values.topology)],
  };
}

function topologyOf(text: string): Topology {
  const topology = topologies.find((each) => each === text);
  if (topology === undefined) throw new RangeError(`--topology takes ${topologies.join(' or ')}, not "${text}"`);
  return topology;
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`--${name} takes a whole number, not "${text}"`);
  return value;
}

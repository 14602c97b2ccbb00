import { type Channel } from '../channels/channel.js';
import { type ChannelDependencies, channelOfReceiver } from '../channels/channel-of-receiver.js';
import { Limiter } from '../limiter.js';
import type { ActiveReceiver } from './active-receivers.js';

/** Messages on their way to one receiver at a time, over all models. */
const CONCURRENT_SENDS = 4;

/** A receiver's channel, and what keeps to its bounds. */
export interface PooledChannel {
  readonly channel: Channel;
  readonly limiter: Limiter;
}

/** Keeps one channel for each receiver, as long as it is declared alike: what it may send in a minute is counted over all models. */
export class ChannelPool {
  private readonly channels = new Map<string, PooledChannel & { readonly declared: string }>();

  constructor(private readonly dependencies: ChannelDependencies) {}

  channelOf(project: string, { receiver, declaration }: ActiveReceiver): PooledChannel {
    const key = JSON.stringify([project, receiver]);
    const declared = JSON.stringify(declaration);
    const known = this.channels.get(key);
    if (known?.declared === declared) return known;
    const channel = channelOfReceiver(declaration, this.dependencies);
    const limiter = new Limiter({ concurrent: CONCURRENT_SENDS, perMinute: channel.perMinute });
    const made = { channel, limiter, declared };
    this.channels.set(key, made);
    return made;
  }
}

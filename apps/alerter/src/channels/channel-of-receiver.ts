import type { ReceiverDeclaration } from '@plumbline/contracts';
import type { Logger } from '@plumbline/telemetry';
import type { GuardedHttp } from '../egress/guarded-http.js';
import type { Secrets } from '../secrets/secrets.js';
import type { WebhookSender } from '../webhook/webhook-sender.js';
import type { Channel } from './channel.js';
import { ConsoleChannel } from './console-channel.js';
import { WebhookChannel } from './webhook-channel.js';

export interface ChannelDependencies {
  readonly logger: Logger;
  readonly http: GuardedHttp;
  readonly secrets: Secrets;
  readonly sender: WebhookSender;
  /** How people reach this server; without a slash at its end. */
  readonly externalUrl: string;
}

/** Returns the channel that a receiver declares. */
export function channelOfReceiver(declaration: ReceiverDeclaration, dependencies: ChannelDependencies): Channel {
  switch (declaration.channel) {
    case 'console':
      return new ConsoleChannel(dependencies.logger);
    case 'webhook':
      return new WebhookChannel(dependencies.sender, declaration, dependencies.externalUrl);
    case 'slack':
    case 'slack_webhook':
    case 'pagerduty':
    case 'email':
    case 'alertmanager':
      throw new Error(`the channel ${declaration.channel} is not built yet`);
  }
}

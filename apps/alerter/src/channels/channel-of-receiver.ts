import type { ReceiverDeclaration } from '@plumbline/contracts';
import type { Logger } from '@plumbline/telemetry';
import type { GuardedHttp } from '../egress/guarded-http.js';
import type { Secrets } from '../secrets/secrets.js';
import type { WebhookSender } from '../webhook/webhook-sender.js';
import { AlertmanagerChannel } from './alertmanager-channel.js';
import type { Channel } from './channel.js';
import { ConsoleChannel } from './console-channel.js';
import { EmailChannel } from './email-channel.js';
import type { EmailTransports } from './email-transports.js';
import { PagerdutyChannel } from './pagerduty-channel.js';
import { SlackChannel } from './slack-channel.js';
import { SlackWebhookChannel } from './slack-webhook-channel.js';
import { WebhookChannel } from './webhook-channel.js';

export interface ChannelDependencies {
  readonly logger: Logger;
  readonly http: GuardedHttp;
  readonly email: EmailTransports;
  readonly secrets: Secrets;
  readonly sender: WebhookSender;
  /** How people reach this server; without a slash at its end. */
  readonly externalUrl: string;
}

/** Returns the channel that a receiver declares. */
export function channelOfReceiver(declaration: ReceiverDeclaration, dependencies: ChannelDependencies): Channel {
  const { logger, http, email, secrets, sender, externalUrl } = dependencies;
  switch (declaration.channel) {
    case 'console':
      return new ConsoleChannel(logger);
    case 'webhook':
      return new WebhookChannel(sender, declaration, externalUrl);
    case 'slack':
      return new SlackChannel(declaration, http, secrets);
    case 'slack_webhook':
      return new SlackWebhookChannel(declaration, http, secrets);
    case 'pagerduty':
      return new PagerdutyChannel(declaration, http, secrets);
    case 'alertmanager':
      return new AlertmanagerChannel(declaration, http, secrets);
    case 'email':
      return new EmailChannel(declaration, email, secrets);
  }
}

import type { AlertView, LinkPlaceholder, ModelLinks, NotificationLinks } from '@plumbline/contracts';
import type { LinkKeys } from '@plumbline/platform';

/** A link does for so long what it says: as long as an incident may be of interest. */
const LINK_LIFE_MS = 30 * 24 * 3_600_000;
/** How long the silence lasts that a link makes. */
export const SILENCE_LINK_DURATION = '2h';

export interface MessageLinkContext {
  readonly keys: Pick<LinkKeys, 'sign'>;
  /** How people reach this server, without a slash at its end; "" where it does not know. */
  readonly externalUrl: string;
  /** Whether that server shows the pages of the console. */
  readonly hasConsole: boolean;
  readonly project: string;
  readonly notificationId: string;
  readonly createdAtMs: number;
  readonly firing: boolean;
  /** The worst of the alerts, its window, and what its model declares. */
  readonly worst:
    | {
        readonly alert: AlertView;
        readonly windowStartMs: number;
        readonly windowEndMs: number;
        readonly declared: ModelLinks | undefined;
      }
    | undefined;
}

/**
 * Returns the links of a message: the page of its worst alert, or without a console a signed one that shows them all; signed ones that
 * acknowledge them and silence their group; and those the model declares.
 */
export async function messageLinks(context: MessageLinkContext): Promise<NotificationLinks> {
  const { keys, externalUrl, hasConsole, project, notificationId, createdAtMs, firing, worst } = context;
  const link = async (action: string, detail?: string): Promise<string | undefined> => {
    if (externalUrl === '') return undefined;
    const expiresAtMs = createdAtMs + LINK_LIFE_MS;
    const token = await keys.sign({ project, action, subject: notificationId, expiresAtMs, detail });
    return `${externalUrl}/links?token=${token}`;
  };
  const page = (template: string | undefined): string | undefined =>
    template === undefined || worst === undefined ? undefined : filled(template, worst);
  return {
    alert: worst !== undefined && hasConsole ? alertPage(externalUrl, worst.alert) : await link('alert.show'),
    acknowledge: firing ? await link('alert.acknowledge') : undefined,
    silence: firing ? await link('alert.silence', SILENCE_LINK_DURATION) : undefined,
    dashboard: page(worst?.declared?.dashboard),
    runbook: page(worst?.declared?.runbook),
  };
}

function alertPage(externalUrl: string, { alertId }: AlertView): string | undefined {
  return externalUrl === '' ? undefined : `${externalUrl}/alerts/${encodeURIComponent(alertId)}`;
}

function filled(
  template: string,
  { alert, windowStartMs, windowEndMs }: NonNullable<MessageLinkContext['worst']>,
): string {
  const { project, model, version, monitor, feature, segment } = alert.labels;
  const values: Readonly<Record<LinkPlaceholder, string>> = {
    project,
    model,
    version,
    monitor,
    feature,
    segment,
    from: String(windowStartMs),
    to: String(windowEndMs),
  };
  return template.replace(/\{(\w+)\}/g, (whole, name: string) =>
    name in values ? encodeURIComponent(values[name as LinkPlaceholder]) : whole,
  );
}

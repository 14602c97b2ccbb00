import { Badge, DataTable, EmptyState, Instant, Panel, plain, type Tone } from '@plumbline/report';
import type { NotificationOutcome } from '@plumbline/contracts';
import type { ListedNotification } from '@plumbline/storage';

const OUTCOMES: Readonly<Record<NotificationOutcome, readonly [tone: Tone, word: string]>> = {
  delivered: ['ok', 'Delivered'],
  waiting: ['info', 'Waiting'],
  failed: ['critical', 'Failed'],
  superseded: ['neutral', 'Overtaken'],
  suppressed: ['neutral', 'Not needed'],
};

const CAUSES: Readonly<Record<ListedNotification['content']['cause'], string>> = {
  fired: 'it fired',
  changed: 'the alerts changed',
  escalated: 'it became critical',
  acknowledged: 'it was acknowledged',
  repeated: 'it still fired',
  resolved: 'it was over',
  test: 'a test',
};

/** Who was told of an alert, why, and what became of it. */
export function MessageTable({
  messages,
  alertId,
}: {
  readonly messages: readonly ListedNotification[];
  readonly alertId: string;
}) {
  return (
    <Panel title="Who was told">
      <DataTable
        caption="Messages that tell of this alert"
        captionHidden
        rows={messages}
        rowKey={({ notificationId }) => notificationId}
        stack
        empty={
          <EmptyState title="Nobody was told" command="plumbline receivers list">
            No message has been made of it: it may be silenced or inhibited by a graver alert, wait for its group, or
            have no receiver that takes it. These are the receivers:
          </EmptyState>
        }
        columns={[
          { header: 'Receiver', rowHeader: true, cell: ({ receiver }) => receiver },
          { header: 'Because', cell: ({ content }) => CAUSES[content.cause] },
          { header: 'Made', cell: ({ createdAtMs }) => <Instant atMs={createdAtMs} form="second" /> },
          { header: 'Outcome', cell: (message) => <Outcome message={message} /> },
          { header: 'Attempts', cell: (message) => <Attempts message={message} /> },
          {
            header: 'Beside it',
            narrow: 'hide',
            cell: ({ content }) => {
              const others = content.alerts.filter((alert) => alert.alertId !== alertId).length + content.moreAlerts;
              return others === 0 ? 'alone' : `${others} other alert${others === 1 ? '' : 's'}`;
            },
          },
        ]}
      />
    </Panel>
  );
}

function Outcome({ message: { outcome, nextAttemptAtMs } }: { readonly message: ListedNotification }) {
  const [tone, word] = OUTCOMES[outcome];
  return (
    <>
      <Badge tone={tone}>{word}</Badge>
      {outcome === 'waiting' && nextAttemptAtMs > 0 && (
        <div class="muted">
          again at <Instant atMs={nextAttemptAtMs} form="second" />
        </div>
      )}
    </>
  );
}

/** The last attempt, and how many there were. */
function Attempts({ message: { attempts } }: { readonly message: ListedNotification }) {
  const last = attempts.at(-1);
  if (last === undefined) return <>none yet</>;
  const status = last.status === 0 ? '' : `HTTP ${last.status} `;
  return (
    <>
      {attempts.length > 1 && `${attempts.length}, the last: `}
      {plain(`${status}${last.detail}`.trim() || last.outcome, 160)}
    </>
  );
}

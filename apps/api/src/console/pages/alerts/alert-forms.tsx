import { Panel } from '@plumbline/report';
import { randomUUID } from 'node:crypto';
import { ActionForm } from '../../action-form.js';
import { alertPath } from '../../paths.js';
import type { Visit } from '../../visit.js';
import type { AlertPageData } from './read-alert-page.js';
import { SILENCE_DURATIONS, SILENCE_SCOPES, silenceScopesOf } from './silence-of-alert.js';
import { WhoField } from '../who-field.js';

/** What can be done about an alert as it stands; nothing for a visitor who may only look. */
export function AlertForms({ visit, data }: { readonly visit: Visit; readonly data: AlertPageData }) {
  const { alert, acknowledged } = data;
  if (!visit.canAct) return null;
  const path = alertPath(alert.alertId);
  const firing = alert.status === 'firing';
  return (
    <Panel title="Do something" id="act">
      <div class="stacked">
        {firing && acknowledged === undefined && (
          <ActionForm visit={visit} action={`${path}/acknowledge`}>
            <h3>Acknowledge</h3>
            <p class="note">Says that somebody works on it: it is not repeated to receivers until it is over.</p>
            <Fields prefix="acknowledge" note="Note" />
            <button type="submit" class="primary">
              Acknowledge
            </button>
          </ActionForm>
        )}
        {firing && acknowledged !== undefined && (
          <ActionForm visit={visit} action={`${path}/unacknowledge`}>
            <h3>Take the acknowledgement back</h3>
            <p class="note">It is repeated to receivers again.</p>
            <Fields prefix="unacknowledge" note="Note" />
            <button type="submit">Take back</button>
          </ActionForm>
        )}
        {firing && <SilenceForm visit={visit} data={data} />}
        <ActionForm visit={visit} action={`${path}/notes`}>
          <details>
            <summary>Write a note</summary>
            <Fields prefix="note" note="Note" required />
            <button type="submit">Add the note</button>
          </details>
        </ActionForm>
        {firing && (
          <ActionForm visit={visit} action={`${path}/resolve`}>
            <details>
              <summary>End it by hand</summary>
              <p class="note">Windows from now on count anew: if they breach, another alert fires.</p>
              <Fields prefix="resolve" note="Why" />
              <button type="submit" class="danger">
                End the alert
              </button>
            </details>
          </ActionForm>
        )}
      </div>
    </Panel>
  );
}

function SilenceForm({ visit, data: { alert } }: { readonly visit: Visit; readonly data: AlertPageData }) {
  const scopes = silenceScopesOf(alert);
  return (
    <ActionForm visit={visit} action={`${alertPath(alert.alertId)}/silence`}>
      <details>
        <summary>Silence</summary>
        <p class="note">
          Nobody is told while it lasts; what still fires when it is over is told then. That an alert is over is told
          meanwhile.
        </p>
        {/* Sent twice, as by a double click, the form makes one silence. */}
        <input type="hidden" name="request" value={randomUUID()} />
        <fieldset>
          <legend>What</legend>
          {scopes.map((scope, index) => (
            <label key={scope} class="choice">
              <input type="radio" name="scope" value={scope} checked={index === 0} /> {SILENCE_SCOPES[scope]}
            </label>
          ))}
        </fieldset>
        <div class="field">
          <label for="silence-duration">For</label>
          <select id="silence-duration" name="duration">
            {Object.entries(SILENCE_DURATIONS).map(([duration, words]) => (
              <option key={duration} value={duration} selected={duration === '4h'}>
                {words}
              </option>
            ))}
          </select>
        </div>
        <Fields prefix="silence" note="Why" required />
        <button type="submit">Silence</button>
      </details>
    </ActionForm>
  );
}

function Fields({
  prefix,
  note,
  required = false,
}: {
  readonly prefix: string;
  readonly note: string;
  readonly required?: boolean;
}) {
  return (
    <>
      <WhoField id={`${prefix}-author`} />
      <div class="field">
        <label for={`${prefix}-note`}>
          {note} {!required && <span class="hint">(optional)</span>}
        </label>
        <textarea id={`${prefix}-note`} name="note" rows={2} maxLength={1_000} required={required} />
      </div>
    </>
  );
}

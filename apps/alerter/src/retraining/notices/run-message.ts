import type { RetrainingEvent, RetrainingRun, RetrainingRunStatus } from '@plumbline/contracts';

/** What people are told of a run. Plain text: each channel escapes it. */
export interface RunMessage {
  /** The receiver's key to tell a repetition. */
  readonly id: string;
  readonly title: string;
  /** Sentences, one a line. */
  readonly lines: readonly string[];
  readonly links: readonly { readonly text: string; readonly href: string }[];
  readonly run: RetrainingRun;
  readonly event: RetrainingEvent;
}

/** Addresses by which a person decides; undefined where the server does not know how it is reached. */
export interface DecisionLinks {
  readonly approve: string;
  readonly refuse: string;
}

const TITLES: Readonly<Partial<Record<RetrainingRunStatus, string>>> = {
  awaiting_approval: 'waits for approval',
  triggered: 'was triggered',
  succeeded: 'succeeded',
  failed: 'failed',
  timed_out: 'has timed out',
  verified: 'is verified',
  rejected: 'is rejected',
};

/** Returns the message that tells of a change of a run. @param decide of one that waits for approval */
export function runMessage(
  id: string,
  run: RetrainingRun,
  event: RetrainingEvent,
  decide: DecisionLinks | undefined,
): RunMessage {
  const unverified = event.to === 'succeeded' && event.comparison !== undefined;
  const what = unverified ? 'could not be verified' : (TITLES[event.to] ?? event.to);
  const version = event.newVersion || run.newVersion;
  const waits = event.to === 'awaiting_approval';
  const command = `To decide on the command line: plumbline retraining-runs approve ${run.runId} (or refuse).`;
  return {
    id,
    title: `Retraining of ${run.model} (version ${run.version}) ${what}`,
    lines: [
      `Policy ${run.policy}: ${run.reason}`,
      ...(version === '' ? [] : [`New version: ${version}.`]),
      ...(event.detail === '' ? [] : [event.detail]),
      ...(waits ? [command] : []),
    ],
    links: [
      ...(waits && decide !== undefined
        ? [
            { text: 'Approve', href: decide.approve },
            { text: 'Refuse', href: decide.refuse },
          ]
        : []),
      ...(/^https?:\/\//.test(run.externalUrl) ? [{ text: 'Run of the pipeline', href: run.externalUrl }] : []),
    ],
    run,
    event,
  };
}

/** Returns the message as lines of text. */
export function runMessageText({ title, lines, links }: RunMessage): string {
  return [title, '', ...lines, ...links.map(({ text, href }) => `${text}: ${href}`)].join('\n');
}

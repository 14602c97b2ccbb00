/** What the text of a secret must look like. */
export interface SecretForm {
  /** Of the trimmed text; undefined when it may be anything. */
  readonly pattern: RegExp | undefined;
  /** For people: what it must be. */
  readonly description: string;
}

/** A form that only secrets of one kind have, so that no other variable or file of the server can be passed off as one. */
export const secretForms = {
  signingKey: { pattern: /^whsec_[A-Za-z0-9+/]+={0,2}$/, description: '"whsec_" and base64' },
  slackToken: { pattern: /^xox[a-z](\.xox[a-z])?-[A-Za-z0-9-]+$/, description: 'a token of Slack (xoxb-…)' },
  pagerdutyKey: { pattern: /^[A-Za-z0-9]{32}$/, description: 'an integration key of PagerDuty, 32 letters and digits' },
  address: { pattern: /^https?:\/\/[^\s@]+$/, description: 'an address that begins with https://' },
  /** A password or a token, which nothing tells from other texts. */
  any: { pattern: undefined, description: 'a text' },
} as const satisfies Record<string, SecretForm>;

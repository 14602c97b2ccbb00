import type { LinkClaims } from '@plumbline/platform';

/** What a person reads before and after they use a link. Plain text: the page escapes it. */
export interface LinkPage {
  readonly title: string;
  /** Paragraphs. */
  readonly text: readonly string[];
  /** What it is about, one line each. */
  readonly items?: readonly string[];
  /** Words on the button; no form when absent, because there is nothing to do any more. */
  readonly button?: string;
}

/** What a person typed on the page. */
export interface LinkForm {
  /** Who it says it was; a link names nobody. */
  readonly author: string;
  readonly note: string;
}

/** Serves the links of some actions. `describe` must change nothing: mail scanners follow links. */
export abstract class LinkHandler {
  /** As they stand in the claims. */
  abstract readonly actions: readonly string[];

  /** Returns what the link would do now. */
  abstract describe(claims: LinkClaims, nowMs: number): Promise<LinkPage>;

  /** Does it and returns what became of it. Doing it twice is doing it once. @throws Problem when it cannot be done */
  abstract perform(claims: LinkClaims, form: LinkForm, nowMs: number): Promise<LinkPage>;
}

/** Injection token of all handlers, a LinkHandler[]. */
export const LINK_HANDLERS = Symbol('link handlers');

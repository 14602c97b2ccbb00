/**
 * Returns why an alert was decided in retrospect, as a sentence: which late data changed what. "" for one that was decided when its
 * window was over. It is the first part of the reason that such a transition gives; what the window says follows after a colon.
 */
export function retrospectOf(reason: string): string {
  const [, sentence] = /^(In retrospect, since .+?): /.exec(reason) ?? [];
  return sentence === undefined ? '' : `${sentence}.`;
}

/** Settings that cannot be used, one sentence or two each; secret values are not in them. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly retryable = false;
  readonly reason = 'invalid_configuration';

  constructor(readonly problems: readonly string[]) {
    super(['the configuration cannot be used:', ...problems.map((problem) => `- ${problem}`)].join('\n'));
  }
}

/**
 * Returns a test for names that must not leave the process: exact names, or patterns in which `*` stands for any text.
 * Case makes no difference, because it seldom does in what people call `Email`.
 */
export function redactionOf(patterns: readonly string[]): (name: string) => boolean {
  if (patterns.length === 0) return () => false;
  const parts = patterns.map((pattern) =>
    pattern
      .split('*')
      .map((text) => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*'),
  );
  const expression = new RegExp(`^(?:${parts.join('|')})$`, 'is');
  return (name) => expression.test(name);
}

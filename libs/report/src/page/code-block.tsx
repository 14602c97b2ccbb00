/** Code or a command to be copied. */
export function CodeBlock({ code, label }: { readonly code: string; readonly label: string }) {
  return (
    // In the order of the keyboard, so that who has no mouse can scroll it.
    <pre class="code" tabIndex={0} role="region" aria-label={label}>
      <code>{code}</code>
    </pre>
  );
}

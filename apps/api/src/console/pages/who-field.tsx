/** Asks for the name that is written down: a key may be shared. */
export function WhoField({ id }: { readonly id: string }) {
  return (
    <div class="field">
      <label for={id}>
        Your name <span class="hint">(optional)</span>
      </label>
      <input id={id} name="author" maxLength={100} autocomplete="name" />
    </div>
  );
}

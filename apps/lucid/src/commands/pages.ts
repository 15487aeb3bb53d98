/** Page after page of a list, until its end or until whoever reads stops. `ask` is given what to add to its query. */
export async function* pages<P extends { readonly next?: string }>(
  ask: (from: { readonly after?: string }) => Promise<P>,
): AsyncGenerator<P> {
  let from: { readonly after?: string } = {};
  for (;;) {
    const page = await ask(from);
    yield page;
    if (!page.next) return;
    from = { after: page.next };
  }
}

/** What a call was refused with, as its caller sees it; `none` where it was not. Anything without a code is told as text. */
export async function problemOf(
  work: Promise<unknown>,
): Promise<{ readonly code: string; readonly detail?: string }> {
  try {
    await work;
  } catch (error) {
    const { code, detail } = error as { code?: string; detail?: string };
    return { code: code ?? String(error), ...(detail === undefined ? {} : { detail }) };
  }
  return { code: 'none' };
}

/** Asks the peer port of a node on this machine, or at the end of a tunnel that begins here. Whatever lies elsewhere is asked through Tor. */
import { plainReason } from '../cli/plain-reason.ts';
import { isLoopback } from './door.ts';

interface Limits {
  readonly timeoutMs: number;
  readonly maxAnswerBytes: number;
  readonly signal: AbortSignal;
}

/** Says of a failed `fetch` what failed, not that it did. */
const causeOf = (error: unknown): Error => {
  const { cause = error } = error as Error;
  return new Error(plainReason(cause), { cause });
};

async function bodyOf({ body }: Response, maxBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body ?? []) {
    size += part.length;
    if (size > maxBytes) throw new Error('its answer is larger than any is');
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts, size));
}

/** A GET; a redirect is an answer like others. Rejects where the address is not one of this machine. */
export async function askHere(
  _purpose: string,
  url: URL,
  { timeoutMs, maxAnswerBytes, signal }: Limits,
): Promise<{ status: number; body: Uint8Array }> {
  if (!isLoopback(url.hostname)) throw new Error('it is no address of this machine');
  const inTime = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  try {
    const response = await fetch(url, { redirect: 'manual', signal: inTime });
    return { status: response.status, body: await bodyOf(response, maxAnswerBytes) };
  } catch (error) {
    throw causeOf(error);
  }
}

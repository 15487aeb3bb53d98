import type { RawRequest } from '@lucid/service-kit';

/** As geth. */
export const maxBodyBytes = 5 * 1024 * 1024;

/** Calls back with the body; with null where it is too large, and never where the caller leaves. */
export function readBody(request: RawRequest, done: (body: string | null) => void): void {
  const parts: Buffer[] = [];
  let bytes = 0;
  const take = (part: Buffer): void => {
    bytes += part.length;
    if (bytes <= maxBodyBytes) {
      parts.push(part);
      return;
    }
    request.off('data', take);
    request.off('end', end);
    request.resume();
    done(null);
  };
  const end = (): void => done((parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)).toString());
  request.on('data', take);
  request.on('end', end);
}

/** By which names this gateway may be called (RFC 9110 section 7.2). A name that is not its own is somebody else's trick. */
import { isIP } from 'node:net';
import { problem } from '../problem.ts';

const HOST =
  /^(?:\[([0-9A-Fa-f:.]{2,45})\]|([A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?))(?::([0-9]{1,5}))?$/;

export type HostJudge = (host: string) => void;

/** Addresses and `localhost` always; `names` besides. The judge throws ProblemError invalid_request, misdirected. */
export function createHostJudge(names: readonly string[]): HostJudge {
  const own = new Set(['localhost', ...names.map((each) => each.toLowerCase())]);
  const judged = new Set<string>();
  return (host) => {
    if (judged.has(host)) return;
    const [, bracketed, name, port] = HOST.exec(host) ?? [];
    if ((bracketed === undefined && name === undefined) || Number(port ?? 1) > 65_535 || port === '0')
      throw problem('invalid_request', { detail: 'The host is not well-formed.' });
    const known =
      bracketed === undefined
        ? isIP(name ?? '') === 4 || own.has((name ?? '').toLowerCase())
        : isIP(bracketed) === 6;
    if (!known)
      throw problem('misdirected', { detail: 'This gateway is not known by that name; set GATEWAY_HOSTS.' });
    if (judged.size < 64) judged.add(host);
  };
}

/** What Tor's control port tells: to anybody, who it is; to who has its password, how far it has connected. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { isTorControlError, openTorControl, type TorControlOptions } from '@lucid/tor-control';
import { FindingError } from './network-fault.ts';

export interface ProtocolInfo {
  /** Of Tor. */
  readonly version: string;
  /** Ways to authenticate: `HASHEDPASSWORD`, `SAFECOOKIE`, …; `NULL`: none is needed. */
  readonly methods: readonly string[];
}

export interface Bootstrap {
  /** 0 to 100. */
  readonly progress: number;
  readonly summary: string;
}

/** Far more than the four lines of an answer. */
const MAX_ANSWER_BYTES = 4096;

/** Bytes until `isWhole` says so. Throws where the other ends first, or goes on and on. */
export async function answerOf(
  socket: Socket,
  isWhole: (held: Buffer) => boolean,
  signal: AbortSignal,
): Promise<Buffer> {
  let held: Buffer = Buffer.alloc(0);
  const ended = once(socket, 'close', { signal }).then(() => null);
  // Its rejection is that of the race below.
  ended.catch(() => {});
  while (!isWhole(held)) {
    const heard =
      held.length < MAX_ANSWER_BYTES ? await Promise.race([once(socket, 'data', { signal }), ended]) : null;
    if (heard === null) throw Object.assign(new Error('no whole answer'), { code: 'ECONNRESET' });
    held = Buffer.concat([held, heard[0] as Buffer]);
  }
  return held;
}

export const notTor = (protocol: string): FindingError =>
  new FindingError({
    outcome: 'failed',
    found: `What answers there does not speak ${protocol}.`,
    advice: 'See that tor-proxy has this port, and no other program.',
  });

/** PROTOCOLINFO, the one command that needs no authentication (control-spec section 3.21). @throws FindingError */
export async function protocolInfoOf(socket: Socket, signal: AbortSignal): Promise<ProtocolInfo> {
  socket.write('PROTOCOLINFO 1\r\n');
  const isWhole = (held: Buffer) => held.includes('\r\n') && /^(?!250-)/m.test(lastLine(held));
  const text = (await answerOf(socket, isWhole, signal)).toString('latin1');
  const version = /^250-VERSION Tor="([^"\r\n]{1,64})"/m.exec(text)?.[1];
  const methods = /^250-AUTH METHODS=([A-Z,]{1,128})/m.exec(text)?.[1]?.split(',');
  if (!version || !methods) throw notTor('Tor’s control protocol');
  return { version, methods };
}

/** The last whole line. */
const lastLine = (held: Buffer): string => held.toString('latin1').split('\r\n').at(-2) ?? '';

/** @throws FindingError where the password is refused, or it is not Tor */
export async function bootstrapOf(options: TorControlOptions): Promise<Bootstrap> {
  try {
    const control = await openTorControl(options);
    try {
      return await control.bootstrapPhase();
    } finally {
      await control.close();
    }
  } catch (error) {
    if (isTorControlError(error, 'auth_refused'))
      throw new FindingError({
        outcome: 'failed',
        found: 'Its control port refuses the password.',
        advice:
          'Give TOR_CONTROL_PASSWORD_FILE the secret whose hash tor-proxy has: node tools/make-secrets.mjs makes both.',
        facts: { error: error.code },
      });
    if (isTorControlError(error, 'protocol')) throw notTor('Tor’s control protocol');
    throw isTorControlError(error, 'unreachable') ? (error.cause ?? error) : error;
  }
}

/** What a control port says of itself to anybody (`PROTOCOLINFO`). */
import { type ConnectionOptions, ControlConnection } from './control-connection.ts';
import { TorControlError } from './control-error.ts';
import { parseWords } from './reply-values.ts';

export interface ProtocolInfo {
  /** Of Tor. */
  readonly version: string;
  /** Ways to authenticate: `HASHEDPASSWORD`, `SAFECOOKIE`, …; `NULL` is none at all. */
  readonly methods: readonly string[];
}

/** Asks and hangs up. @throws TorControlError, or the signal's reason */
export async function readProtocolInfo(options: ConnectionOptions): Promise<ProtocolInfo> {
  const connection = await ControlConnection.open(options);
  const abort = () => void connection.close();
  options.signal?.addEventListener('abort', abort);
  try {
    const { lines } = await connection.command('PROTOCOLINFO 1');
    const said = (word: string) =>
      parseWords(lines.find(({ text }) => text.startsWith(`${word} `))?.text ?? '').values;
    const version = said('VERSION').get('Tor');
    const methods = said('AUTH').get('METHODS');
    if (version === undefined || methods === undefined) throw new TorControlError('protocol');
    return { version, methods: methods.split(',') };
  } catch (error) {
    throw options.signal?.aborted ? options.signal.reason : error;
  } finally {
    options.signal?.removeEventListener('abort', abort);
    await connection.close();
  }
}

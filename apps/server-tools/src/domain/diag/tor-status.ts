/** What Tor's control port tells: to anybody, who it is; to who has its password, how far it has connected. */
import {
  type BootstrapPhase,
  isTorControlError,
  openTorControl,
  readProtocolInfo,
  type TorControlOptions,
} from '@lucid/tor-control';
import { FindingError } from './network-fault.ts';

type ControlPlace = Parameters<typeof readProtocolInfo>[0];

export const notTor = (protocol: string): FindingError =>
  new FindingError({
    outcome: 'failed',
    found: `What answers there does not speak ${protocol}.`,
    advice: 'See that tor-proxy has this port, and no other program.',
  });

/** Without authentication. @throws FindingError where it is not Tor; what the network says */
export const protocolInfoOf = (place: ControlPlace) => asFindings(() => readProtocolInfo(place));

/** @throws FindingError where the password is refused, or it is not Tor; what the network says */
export const bootstrapOf = (options: TorControlOptions): Promise<BootstrapPhase> =>
  asFindings(async () => {
    const control = await openTorControl(options);
    try {
      return await control.bootstrapPhase();
    } finally {
      await control.close();
    }
  });

async function asFindings<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isTorControlError(error, 'auth_refused')) throw passwordRefused(error);
    if (isTorControlError(error, 'protocol')) throw notTor('Tor’s control protocol');
    throw isTorControlError(error, 'unreachable') ? (error.cause ?? error) : error;
  }
}

const passwordRefused = (cause: unknown): FindingError =>
  new FindingError(
    {
      outcome: 'failed',
      found: 'Its control port refuses the password.',
      advice:
        'Give TOR_CONTROL_PASSWORD_FILE the secret whose hash tor-proxy has: node tools/make-secrets.mjs makes both.',
      facts: { error: 'auth_refused' },
    },
    { cause },
  );

/** The exit codes of every program that verifies (docs/evidence-format.md section 9). */
import type { Verdict, VerifyErrorCode } from './verdict.ts';

export const verifyExitCodes = { verified: 0, failed: 1, usage: 2, notChecked: 3 } as const;

/** 3 where nothing is wrong but that no identity opens the session: then what was asked for could not be checked. */
export function verdictExitCode({ ok, omittedFaults, faults }: Verdict): number {
  if (ok) return verifyExitCodes.verified;
  return omittedFaults === 0 && faults.every(({ code }) => code === 'key_missing')
    ? verifyExitCodes.notChecked
    : verifyExitCodes.failed;
}

const ofErrors: Readonly<Record<VerifyErrorCode, number>> = {
  unreadable: verifyExitCodes.notChecked,
  too_large: verifyExitCodes.notChecked,
  pin_malformed: verifyExitCodes.usage,
  seen_malformed: verifyExitCodes.usage,
  seen_foreign: verifyExitCodes.usage,
};

export const verifyErrorExitCode = (code: VerifyErrorCode): number => ofErrors[code];

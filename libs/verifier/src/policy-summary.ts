/** Policy and consents of a session, as its records tell them (docs/evidence-format.md section 1.4). */
import { bytesToHex } from '@lucid/bytes';
import { readPolicyEvidence, type VerifyTron } from '@lucid/control-policy';
import type { EventDetail, SessionHeader } from '@lucid/session-format';
import { recoverSigner } from '@lucid/tron-message';
import type { PolicySummary } from './verdict.ts';

const verifyTron: VerifyTron = ({ message, signature, address }) => {
  const signer = recoverSigner(message, bytesToHex(signature));
  return signer.ok && signer.address === address;
};

export function policySummaryOf(
  header: SessionHeader | null | undefined,
  details: readonly EventDetail[],
): PolicySummary | null {
  if (header?.policyHash === undefined) return null;
  const { sessionId, policyHash, startedAtUs } = header;
  const { policy, consent, approvals, ended } = readPolicyEvidence({
    ...{ sessionId, policyHash, startedAtUs, details, verifyTron },
  });
  return {
    policyHash,
    profile: policy?.policy.profile ?? null,
    consent: consent.agreed ? { host: consent.host, user: consent.user } : null,
    consentFault: consent.agreed ? null : [consent.fault, consent.role].filter(Boolean).join(' '),
    approvals: approvals.valid,
    ended,
  };
}

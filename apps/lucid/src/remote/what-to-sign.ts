/**
 * What a host gives to sign is judged before it is: a signature is worth what its text says wherever that is shown, so a host could
 * hand on another host's sign-in message, or another session's consent.
 */
import {
  CONSENT_FORMAT,
  type ConsentRole,
  type ControlPolicy,
  checkPolicy,
  consentBytes,
  termsHashOf,
} from '@lucid/control-policy';
import { parseSignIn } from '@lucid/tron-message';
import { CliError } from '../cli/cli-error.ts';

const refused = (origin: string, why: string): CliError =>
  new CliError('host_untrusted', `${origin} gave something else to sign: ${why}. Nothing was signed.`);

/** @throws CliError host_untrusted where it would sign in somebody else, or anywhere else */
export function assertSignIn(text: string, { origin, address }: { origin: string; address: string }): void {
  const parsed = parseSignIn(text);
  if (!parsed.ok) throw refused(origin, `it is no sign-in message (${parsed.why})`);
  const { uri, domain, address: signer } = parsed.message;
  if (uri !== origin || domain !== new URL(origin).host)
    throw refused(origin, `it is a sign-in at ${domain} (${uri})`);
  if (signer !== address) throw refused(origin, `it is a sign-in as ${signer}`);
}

export interface ToConsent {
  readonly origin: string;
  readonly sessionId: string;
  readonly role: ConsentRole;
  /** TRON address of who is to sign. */
  readonly party: string;
  readonly policy: unknown;
  readonly terms: string;
  readonly acceptedAtUs: number;
  readonly text: string;
}

/** The policy that the text stands for, as it was shown. @throws CliError host_untrusted where the text is of anything else */
export function assertConsent(asked: ToConsent): ControlPolicy {
  const { origin, sessionId, role, party, terms, acceptedAtUs } = asked;
  const judged = checkPolicy(asked.policy);
  if (!judged.ok) throw refused(origin, `its policy is none (${judged.detail})`);
  const bytes = consentBytes({
    format: CONSENT_FORMAT,
    ...{ sessionId, role, acceptedAtUs },
    policyHash: judged.value.hash,
    termsHash: termsHashOf(terms),
    party: { kind: 'tron', address: party },
  });
  if (new TextDecoder().decode(bytes) !== asked.text)
    throw refused(origin, 'it is not the consent to the policy and the terms that it shows');
  return judged.value.policy;
}

/** `lucid session new|consent|start|stop`: sessions under a policy that host and user agree on. */
import { readFileSync } from 'node:fs';
import { ASCIICAST_MEDIA_TYPE } from '@lucid/capture';
import { sessionApiContract } from '@lucid/contracts';
import { checkPolicy, termsHashOf } from '@lucid/control-policy';
import { signMessage } from '@lucid/tron-message';
import { askLine, askYes } from '../cli/ask-line.ts';
import { CliError, exitCodes } from '../cli/cli-error.ts';
import { jsonText, printableLines } from '../cli/output.ts';
import { plainReason } from '../cli/plain-reason.ts';
import { findHome } from '../host/home.ts';
import { readNodeKeys } from '../host/node-keys.ts';
import { resolveRemoteSession } from '../remote/remote-session.ts';
import { type RemoteContext, type RemoteOptions, runRemote } from '../remote/run-remote.ts';
import { defaultWalletPath, readWalletKey } from '../remote/wallet-key.ts';
import { assertConsent } from '../remote/what-to-sign.ts';
import { tellSession } from './remote-evidence.ts';

export interface NewSessionOptions extends RemoteOptions {
  readonly title?: string;
  /** `strict`, `standard`, or a file with a policy document. */
  readonly policy?: string;
  /** TRON address of the party that lends the machine. */
  readonly hostParty?: string;
  readonly user?: string;
  readonly terms?: string;
  readonly observer: readonly string[];
  readonly to: readonly string[];
}

function readJson(path: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new CliError(
      'source_unreadable',
      `the policy ${path} cannot be read: ${plainReason(error)}. Named policies are strict and standard.`,
      { cause: error },
    );
  }
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (cause) {
    throw new CliError('usage', `${path} is not JSON.`, { cause });
  }
}

const policyOf = (text: string) => (text === 'strict' || text === 'standard' ? text : readJson(text));

/** Those of this node, where there is one, and those named. */
function recipientsOf(process: NodeJS.Process, to: readonly string[]) {
  const home = findHome(process.env);
  const own = home
    ? readNodeKeys(home).recipients.map(({ recipient, label }) => ({
        recipient,
        ...(label ? { label } : {}),
      }))
    : [];
  const recipients = [...own, ...to.map((recipient) => ({ recipient }))];
  if (recipients.length === 0)
    throw new CliError(
      'usage',
      'nobody could open the evidence: name a recipient with --to age1… (make one with: lucid keys new)',
    );
  return recipients;
}

export function newSession(process: NodeJS.Process, options: NewSessionOptions): Promise<number> {
  const { policy, hostParty, user } = options;
  if ((policy === undefined) !== (hostParty === undefined) || (policy === undefined) !== (user === undefined))
    throw new CliError(
      'usage',
      'a policy is agreed on by two: give --policy, --host-party and --user together, or none of them',
    );
  const recipients = recipientsOf(process, options.to);
  return runRemote(process, options, async (context) => {
    const client = await context.host.clientOf(sessionApiContract);
    const session = await client.createSession({
      body: {
        tracks: [{ track: 0, kind: 'terminal', mediaType: ASCIICAST_MEDIA_TYPE, name: 'terminal.cast' }],
        recipients,
        ...(options.title ? { title: options.title } : {}),
        ...(policy && hostParty && user
          ? { policy: policyOf(policy), parties: { host: hostParty, user } }
          : {}),
        ...(options.terms ? { terms: options.terms } : {}),
        ...(options.observer.length > 0 ? { observers: [...options.observer] } : {}),
      },
    });
    tellSession(context, session);
    const id = session.sessionId.slice(0, 16);
    context.output.note(
      policy === undefined
        ? `Record it with: lucid record --session ${id} -- COMMAND`
        : `Both parties consent with: lucid session consent ${id}`,
    );
    return exitCodes.ok;
  });
}

const indented = (terms: string): string => printableLines(terms).replaceAll('\n', '\n  ');

export interface ConsentOptions extends RemoteOptions {
  readonly key?: string;
  /** Signed elsewhere, with the time that was shown. */
  readonly signature?: string;
  readonly accepted?: number;
  /** Without a question. */
  readonly yes: boolean;
  /** The key is elsewhere: show what to sign. */
  readonly sign: boolean;
}

async function signatureOf(
  context: RemoteContext,
  options: ConsentOptions,
  text: string,
): Promise<string | null> {
  const { process, output } = context;
  if (options.sign) {
    const path = options.key ?? defaultWalletPath(process.env);
    return signMessage((await readWalletKey(process, path)).secretKey, text);
  }
  output.line(text);
  output.note('Sign this text as it stands (TRON signMessageV2).');
  return (await askLine(process, 'signature: ')) || null;
}

export const consent = (process: NodeJS.Process, text: string, options: ConsentOptions): Promise<number> =>
  runRemote(process, options, async (context) => {
    const { host, output } = context;
    const sessionId = await resolveRemoteSession(host, text);
    const client = await host.clientOf(sessionApiContract);
    const consents = await client.getConsents({ params: { sessionId } });
    const { toSign } = consents;
    if (!toSign)
      throw new CliError(
        'usage',
        consents.missing.length === 0
          ? 'both parties have consented already'
          : 'your consent is not asked for: it is there, or you are no party of this session',
      );
    const { policy: given, terms } = await client.getPolicy({ params: { sessionId } });
    const party = consents.parties[toSign.role];
    const policy = assertConsent({ origin: host.origin, sessionId, ...toSign, party, policy: given, terms });
    if (!output.options.json) {
      output.note(
        `You are asked to consent as ${toSign.role} to policy ${consents.policyHash} (${policy.profile}) and these terms:\n  ${indented(terms)}\nRead the policy with: lucid session policy ${sessionId.slice(0, 16)}`,
      );
    }
    if (process.stdin.isTTY && !options.yes && !(await askYes(process, 'Do you consent?')))
      throw new CliError('usage', 'nothing was consented to');
    const isSigned = options.signature !== undefined && options.accepted !== undefined;
    const signature = isSigned
      ? (options.signature as string)
      : await signatureOf(context, options, toSign.text);
    if (!signature) throw new CliError('usage', 'no signature was given; nothing was consented to');
    const acceptedAtUs = isSigned ? (options.accepted as number) : toSign.acceptedAtUs;
    const after = await client.putConsent({ params: { sessionId }, body: { acceptedAtUs, signature } });
    output.json({ host: host.origin, ...after });
    output.line(
      `consented as ${toSign.role}; ${after.missing.length === 0 ? 'both parties agree' : `missing: ${after.missing.join(', ')}`}`,
    );
    return exitCodes.ok;
  });

const change = (
  process: NodeJS.Process,
  text: string,
  options: RemoteOptions,
  work: (
    client: Awaited<ReturnType<typeof clientOf>>,
    sessionId: string,
  ) => ReturnType<Awaited<ReturnType<typeof clientOf>>['getSession']>,
): Promise<number> =>
  runRemote(process, options, async (context) => {
    const sessionId = await resolveRemoteSession(context.host, text);
    return tellSession(context, await work(await clientOf(context), sessionId));
  });

const clientOf = ({ host }: RemoteContext) => host.clientOf(sessionApiContract);

export const startSession = (
  process: NodeJS.Process,
  text: string,
  options: RemoteOptions,
): Promise<number> =>
  change(process, text, options, (client, sessionId) => client.startSession({ params: { sessionId } }));

export const stopSession = (
  process: NodeJS.Process,
  text: string,
  options: RemoteOptions & { readonly reason?: string },
): Promise<number> =>
  change(process, text, options, (client, sessionId) =>
    client.stopSession({
      params: { sessionId },
      query: {},
      body: options.reason ? { reason: options.reason } : {},
    }),
  );

export const deleteSession = (
  process: NodeJS.Process,
  text: string,
  options: RemoteOptions & { readonly reason: string },
): Promise<number> =>
  change(process, text, options, (client, sessionId) =>
    client.deleteSession({ params: { sessionId }, query: { reason: options.reason } }),
  );

export const sessionPolicy = (
  process: NodeJS.Process,
  text: string,
  options: RemoteOptions,
): Promise<number> =>
  runRemote(process, options, async ({ host, output }) => {
    const sessionId = await resolveRemoteSession(host, text);
    const agreed = await (await host.clientOf(sessionApiContract)).getPolicy({ params: { sessionId } });
    const judged = checkPolicy(agreed.policy);
    if (
      !judged.ok ||
      judged.value.hash !== agreed.policyHash ||
      termsHashOf(agreed.terms) !== agreed.termsHash
    )
      throw new CliError(
        'host_untrusted',
        `${host.origin} shows a policy or terms of other hashes than it says.`,
      );
    output.json({ host: host.origin, ...agreed });
    output.line(jsonText(judged.value.policy, 2));
    output.note(`hash ${agreed.policyHash}\nterms:\n  ${indented(agreed.terms)}`);
    return exitCodes.ok;
  });

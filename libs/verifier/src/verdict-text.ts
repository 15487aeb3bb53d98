/** A verdict as text for people: short, plain without colours, and with the keys that were relied upon. */
import { recordText, timeText } from './fault.ts';
import { keyFingerprint } from './trust.ts';
import type { AnchorSummary, PolicySummary, Verdict, VerdictSummary } from './verdict.ts';

export interface VerdictTextOptions {
  /** ANSI colours; leave off in a pipe and under NO_COLOR. */
  readonly colour?: boolean;
  /** One line only. */
  readonly quiet?: boolean;
}

/** Faults shown; the rest is counted. */
const SHOWN_FAULTS = 10;

const RED = 31;
const GREEN = 32;
const YELLOW = 33;

type Paint = (code: number, text: string) => string;
const painter =
  (colour: boolean): Paint =>
  (code, text) =>
    colour ? `\u001b[${code}m${text}\u001b[0m` : text;

/** Text out of a file must not steer the terminal it is shown on. */
export const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`);

const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Decimal units, three digits. */
export function sizeText(sizeBytes: number): string {
  let value = sizeBytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toPrecision(3)} ${UNITS[unit]}`;
}

/** Hours, minutes and seconds, as in 1:02:03.4. */
export function durationText(durationUs: number): string {
  const tenths = Math.round(durationUs / 100_000);
  const seconds = Math.floor(tenths / 10);
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  return `${hours}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${tenths % 10}`;
}

/** Name and fingerprint of a verifier key. */
export function keyText(vkey: string): string {
  const fingerprint = keyFingerprint(vkey)?.replace(/(.{4})(?=.)/g, '$1 ') ?? 'not a key';
  return `${printable(vkey.split('+')[0] ?? '')}  ${fingerprint}`;
}

const pinnedText = (pinned: boolean): string =>
  pinned ? 'a trusted key (given, or of this node)' : 'not a trusted key: compare the fingerprint';

function recordingLines({ startedAtUs, endedAtUs, closed, reason, ...summary }: VerdictSummary): string[] {
  const lines: string[] = [];
  if (startedAtUs !== null) {
    const length = endedAtUs === null ? '' : `, ${durationText(Math.max(0, endedAtUs - startedAtUs))} long`;
    lines.push(`recorded    ${timeText(startedAtUs)}${length}`);
  }
  const how = closed === 'interrupted' ? `interrupted: ${printable(reason ?? '')}` : closed;
  lines.push(`end         ${how}`);
  const stored = `${sizeText(summary.plainBytes)} recorded, ${sizeText(summary.storedBytes)} stored`;
  lines.push(
    `content     ${plural(summary.records, 'record')}, ${plural(summary.chunks, 'chunk')}, ${stored}`,
  );
  if (summary.merkleRoot !== null) lines.push(`root        ${summary.merkleRoot}`);
  if (summary.recordHashes === 'from-index')
    lines.push('checked     signatures and proofs; the bytes of the chunks were not read again');
  if (summary.openedChunks !== null) lines.push(`opened      ${plural(summary.openedChunks, 'chunk')}`);
  return lines;
}

function policyLines(policy: PolicySummary | null): string[] {
  if (policy === null) return [];
  const { profile, policyHash, consent, consentFault, approvals, ended } = policy;
  const lines = [`policy      ${policyHash}${profile === null ? ' (not in the evidence)' : ` (${profile})`}`];
  if (consent)
    lines.push(`consent     host ${printable(consent.host)}`, `            user ${printable(consent.user)}`);
  else lines.push(`consent     NOT SHOWN: ${printable(consentFault ?? '')}`);
  if (approvals > 0) lines.push(`approvals   ${plural(approvals, 'approval')} by the host`);
  if (ended !== null) lines.push(`ended       by the policy: ${printable(ended)}`);
  return lines;
}

/** The block in full, so that it can be looked up with any tool of Ethereum's. */
function blockLines({ block, verified }: AnchorSummary): string[] {
  if (block === null) return [];
  const { chainId, number, hash, timeSec, transactionIndex, transactionHash, batch } = block;
  const inBatch = batch === null ? '' : `, session ${batch.index} of a batch of ${batch.count}`;
  return [
    `block       ${number} of chain ${chainId}, ${timeText(timeSec * 1_000_000)}${verified ? '' : ' (not verified)'}`,
    `            ${hash}`,
    `transaction number ${transactionIndex} of the block${inBatch}`,
    `            ${transactionHash ?? 'not proven'}`,
  ];
}

function anchorLines(anchor: AnchorSummary | null): string[] {
  if (anchor === null) return ['anchor      none'];
  const state = anchor.verified ? '' : ' (not verified)';
  const what = anchor.kind === 'chain' ? 'block header, entry' : 'entry';
  const lines = [
    ...blockLines(anchor),
    `anchor      ${what} ${anchor.index} of ${anchor.treeSize} in the ledger${state}`,
    `ledger      ${keyText(anchor.ledger)}`,
    `            ${pinnedText(anchor.ledgerPinned)}`,
  ];
  for (const { name, verified } of anchor.cosignatures)
    lines.push(`cosigned    ${printable(name)}, ${verified ? 'verified' : 'by a key you did not give'}`);
  if (anchor.seen === 'not_comparable')
    lines.push(
      '            the ledger checkpoint you saw has another size; a consistency proof is needed to compare',
    );
  return lines;
}

function faultLines({ faults, omittedFaults, firstBad, summary }: Verdict, paint: Paint): string[] {
  const lines = faults
    .slice(0, SHOWN_FAULTS)
    .map(({ code, message }) => `  ${paint(YELLOW, code)}  ${printable(message)}`);
  const more = faults.length - SHOWN_FAULTS + omittedFaults;
  if (more > 0) lines.push(`  and ${more} more`);
  if (firstBad !== null) {
    const { record, atUs, offset } = firstBad;
    lines.push(`first bad   ${recordText(record, { atUs: atUs ?? undefined, offset: offset ?? undefined })}`);
  }
  if (summary.soundRecords > 0 && summary.soundUntilUs !== null) {
    const reach = `${plural(summary.soundRecords, 'record')}, up to ${timeText(summary.soundUntilUs)}`;
    lines.push(`no fault in the first ${reach}`);
  }
  return lines;
}

/** The one word of success must not claim bytes that nobody looked at. */
const unreadText = ({ summary }: Verdict): string =>
  summary.recordHashes === 'from-index' ? ' (bytes of chunks not read)' : '';

/** Ends with a newline. `name` is what the caller calls the file. */
export function verdictToText(name: string, verdict: Verdict, options: VerdictTextOptions = {}): string {
  const paint = painter(options.colour ?? false);
  const head = verdict.ok
    ? `${paint(GREEN, 'verified')}${unreadText(verdict)}  ${printable(name)}`
    : `${paint(RED, 'NOT VERIFIED')}  ${printable(name)}: ${printable(verdict.faults[0]?.message ?? '')}`;
  if (options.quiet) return `${head}\n`;
  const { summary } = verdict;
  const lines = [verdict.ok ? head : `${paint(RED, 'NOT VERIFIED')}  ${printable(name)}`];
  if (!verdict.ok) lines.push(...faultLines(verdict, paint));
  if (verdict.sessionId !== null) {
    lines.push(`session     ${verdict.sessionId}`, ...recordingLines(summary));
    if (summary.recorder !== null)
      lines.push(
        `recorder    ${keyText(summary.recorder)}`,
        `            ${pinnedText(summary.recorderPinned)}`,
      );
    lines.push(...policyLines(summary.policy), ...anchorLines(summary.anchor));
  }
  return `${lines.join('\n')}\n`;
}

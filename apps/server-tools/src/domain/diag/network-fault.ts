/** What the network says, in words: what it means here, and what to do. */
import type { Finding } from './probe.ts';

interface Asked {
  readonly service?: string | undefined;
  readonly timeoutMs: number;
}

interface Words {
  readonly found: string;
  readonly advice: string;
}

/** The name led out of the installation: nothing was sent there. */
export class OutsideError extends Error {
  override readonly name = 'OutsideError';
}

/** What went wrong says itself what it means. */
export class FindingError extends Error {
  override readonly name = 'FindingError';
  readonly finding: Finding;

  constructor(finding: Finding, options?: ErrorOptions) {
    super(finding.found, options);
    this.finding = finding;
  }
}

const REFUSED = (service: string): Words => ({
  found: 'The machine answers, but nothing listens at this port.',
  advice: `Look at the log of ${service}: it has not started yet, or it has ended.`,
});
const UNKNOWN_NAME = (service: string): Words => ({
  found: 'The name does not resolve.',
  advice: `Start ${service}, and see that it is on the same network.`,
});
const SILENT = (service: string, { timeoutMs }: Asked): Words => ({
  found: `There was no answer within ${timeoutMs} ms.`,
  advice: `Look whether ${service} is overloaded or stopped, and whether a firewall drops what is sent to it.`,
});
const UNREACHABLE = (service: string): Words => ({
  found: 'There is no way to its address.',
  advice: `See that ${service} runs and that both are on one network.`,
});
const CUT = (service: string): Words => ({
  found: 'The connection was cut before an answer came.',
  advice: `Look at the log of ${service}.`,
});

const WORDS: Readonly<Record<string, (service: string, asked: Asked) => Words>> = {
  ECONNREFUSED: REFUSED,
  ENOTFOUND: UNKNOWN_NAME,
  EAI_AGAIN: UNKNOWN_NAME,
  EAI_NODATA: UNKNOWN_NAME,
  ENODATA: UNKNOWN_NAME,
  ETIMEDOUT: SILENT,
  EHOSTUNREACH: UNREACHABLE,
  ENETUNREACH: UNREACHABLE,
  ECONNRESET: CUT,
  EPIPE: CUT,
};

/** Nobody has the name, or its address: what a service that was never started looks like. */
export const isNobodyThere = (error: unknown): boolean => {
  const words = WORDS[String((error as { code?: unknown }).code)];
  return words === UNKNOWN_NAME || words === UNREACHABLE || words === SILENT;
};

export function networkFault(error: unknown, asked: Asked): Finding {
  if (error instanceof FindingError) return error.finding;
  const service = asked.service ?? 'the service';
  if (error instanceof OutsideError)
    return {
      outcome: 'failed',
      found: 'The name leads to an address outside the installation; nothing was sent there.',
      advice: `Correct what resolves names here, or say where ${service} is in its _URL variable.`,
    };
  const code = String((error as { code?: unknown }).code ?? (error as Error).name);
  const words = WORDS[code]?.(service, asked) ?? {
    found: `It failed with ${code}.`,
    advice: `Look at the log of ${service}.`,
  };
  return { outcome: 'failed', ...words, facts: { error: code } };
}

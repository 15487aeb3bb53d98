/**
 * What is compiled, in one form: settings that were left out are written out, sources are objects' members. Its canonical JSON (RFC
 * 8785) together with the versions of compiler and library gives the artifact's id.
 */
import { bytesToHex, isWellFormedText } from '@lucid/bytes';
import { type CompileRequest, compileLimits } from '@lucid/contracts';
import { sha256 } from '@lucid/crypto';
import { canonicalBytes } from '@lucid/jcs';
import { ProblemError } from '@lucid/service-kit';
import type { Static } from 'typebox';
import { problem } from '../problem.ts';
import { COMPILER, OPENZEPPELIN } from './versions.ts';

export type Request = Static<typeof CompileRequest>;

export interface CompileInput {
  readonly sources: Readonly<Record<string, string>>;
  readonly settings: {
    readonly optimizer: { readonly enabled: boolean; readonly runs: number };
    readonly evmVersion: string;
    readonly viaIR: boolean;
  };
}

/** @throws ProblemError for two sources of one name, text that is no Unicode, and more text than is taken. */
export function compileInputOf({ sources, settings = {} }: Request): CompileInput {
  const named = new Map<string, string>();
  for (const { name, content } of sources) {
    if (named.has(name)) throw problem('source_twice', { detail: `Give ${name} once.` });
    if (!isWellFormedText(content))
      throw problem('source_malformed', { detail: `${name} holds half of a surrogate pair.` });
    named.set(name, content);
  }
  const chars = sources.reduce((sum, { content }) => sum + content.length, 0);
  if (chars > compileLimits.allChars)
    throw new ProblemError('payload_too_large', {
      detail: `All sources together have at most ${compileLimits.allChars} characters.`,
    });
  const { enabled = true, runs = 200 } = settings.optimizer ?? {};
  return {
    // An own prototype-less object: a source may have any name.
    sources: Object.assign(Object.create(null), Object.fromEntries(named)),
    settings: {
      optimizer: { enabled, runs },
      evmVersion: settings.evmVersion ?? 'cancun',
      viaIR: settings.viaIR ?? false,
    },
  };
}

/** SHA-256 of the canonical input, hexadecimal. */
export const artifactIdOf = ({ sources, settings }: CompileInput): string =>
  bytesToHex(
    sha256(
      canonicalBytes({
        format: 'lucid-compile/1',
        compiler: COMPILER,
        openZeppelin: OPENZEPPELIN,
        sources,
        settings,
      }),
    ),
  );

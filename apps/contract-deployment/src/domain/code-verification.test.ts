import { createRequire } from 'node:module';
import type { Hex } from '@lucid/chain-client';
import { artifacts } from '@lucid/chain-contracts';
import fc from 'fast-check';
import { judgeCode } from './code-verification.ts';

const address: Hex = `0x${'4c'.repeat(20)}`;
const { deployedBytecode, immutableReferences } = artifacts.LucidGovernor;
const runtime = { code: deployedBytecode, immutableReferences };
const size = (deployedBytecode.length - 2) / 2;

/** The code with bytes put in from a place on. */
const withBytes = (code: Hex, start: number, bytes: string): Hex =>
  `0x${code.slice(2, 2 + 2 * start)}${bytes}${code.slice(2 + 2 * start + bytes.length)}`;
const isOpen = (at: number): boolean =>
  immutableReferences.some(({ start, length }) => at >= start && at < start + length);

describe('code at an address', () => {
  it('matches whatever the constructor filled in, and tells it', () => {
    const filled = immutableReferences.reduce(
      (code, { start, length }) => withBytes(code, start, 'ab'.repeat(length)),
      deployedBytecode as Hex,
    );
    const judged = judgeCode(runtime, { address, code: filled });
    expect(judged).toMatchObject({ verdict: 'match', expectedBytes: size, foundBytes: size });
    expect(judged.immutables).toEqual(
      immutableReferences.map(({ start, length }) => ({ start, length, value: `0x${'ab'.repeat(length)}` })),
    );
  });

  it('differs at the very byte that was changed, wherever that is', () => {
    fc.assert(
      fc.property(fc.nat(size - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const byte = Number.parseInt(deployedBytecode.slice(2 + 2 * at, 4 + 2 * at), 16) ^ flip;
        const code = withBytes(deployedBytecode, at, byte.toString(16).padStart(2, '0'));
        const expected = isOpen(at) ? { verdict: 'match' } : { verdict: 'differs', differsAt: at };
        expect(judgeCode(runtime, { address, code })).toMatchObject(expected);
      }),
    );
  });

  it('differs where it is cut off, or goes on', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: size - 1 }), (length) => {
        const code = deployedBytecode.slice(0, 2 + 2 * length) as Hex;
        expect(judgeCode(runtime, { address, code })).toMatchObject({
          verdict: 'differs',
          differsAt: length,
        });
      }),
    );
    const longer = `${deployedBytecode}00` as Hex;
    expect(judgeCode(runtime, { address, code: longer })).toMatchObject({
      verdict: 'differs',
      differsAt: size,
    });
    expect(judgeCode(runtime, { address, code: '0x' })).toMatchObject({ verdict: 'no-code', foundBytes: 0 });
  });

  it('of a library may hold its own address, and no other', () => {
    const library = { code: `0x73${'00'.repeat(20)}30146080` as Hex, immutableReferences: [] };
    const at = (own: string): Hex => `0x73${own}30146080`;
    expect(judgeCode(library, { address, code: at('4c'.repeat(20)) }).verdict).toBe('match');
    expect(judgeCode(library, { address, code: at('4d'.repeat(20)) })).toMatchObject({
      verdict: 'differs',
      differsAt: 1,
    });
  });

  it('that another wrote down with other comments and names is the same code', () => {
    const solc = createRequire(__filename)('solc') as { compile(input: string): string };
    const compiled = (comment: string, metadata: object): Hex => {
      const content = `// SPDX-License-Identifier: MIT\npragma solidity ^0.8.28;\n// ${comment}\ncontract A { uint256 public n; function add() external { ++n; } }`;
      const settings = { metadata, outputSelection: { '*': { '*': ['evm.deployedBytecode.object'] } } };
      const input = { language: 'Solidity', sources: { 'a.sol': { content } }, settings };
      const output = JSON.parse(solc.compile(JSON.stringify(input)));
      return `0x${output.contracts['a.sol'].A.evm.deployedBytecode.object}`;
    };
    const bare = {
      code: compiled('one', { appendCBOR: false, bytecodeHash: 'none' }),
      immutableReferences: [],
    };
    const [one, other] = [compiled('one', {}), compiled('another', {})];
    expect(one).not.toBe(other);
    const whole = { code: one, immutableReferences: [] };
    expect(judgeCode(whole, { address, code: one }).verdict).toBe('match');
    expect(judgeCode(whole, { address, code: other }).verdict).toBe('code-only');
    expect(judgeCode(bare, { address, code: one }).verdict).toBe('code-only');
    expect(judgeCode(whole, { address, code: bare.code }).verdict).toBe('code-only');
    expect(judgeCode(whole, { address, code: withBytes(other, 20, 'ee') })).toMatchObject({
      verdict: 'differs',
      differsAt: 20,
    });
  });
});

/** Accounts as they shall be from a simulated block on, and precompiles at other addresses, by geth's rules. */
import { Account, type Address } from '@ethereumjs/util';
import { checksumAddress } from '@lucid/eth-proof';
import { readAddress } from './call-request.ts';
import type { Machine } from './machine.ts';
import { SimulationRefusal } from './simulation-refusal.ts';
import type { BlockToSimulate, SimulatedAccountOverride } from './simulation-types.ts';
import { bytesToHex, type Hex, hexToBytes } from './values.ts';

const maxUint64 = (1n << 64n) - 1n;
const word = (hex: string): Uint8Array => hexToBytes(`0x${hex.slice(2).padStart(64, '0')}`);
const keyOf = (address: Address): string => bytesToHex(address.bytes).slice(2);

const refuse = (address: Address, what: string): SimulationRefusal =>
  new SimulationRefusal('server', `account ${checksumAddress(address.bytes)} ${what}`);

/** Precompiles of the EVM, by address in hex without 0x. */
type Precompiles = Machine['evm']['precompiles'];

class PrecompileMoves {
  readonly #precompiles: Precompiles;
  readonly #overridden: ReadonlySet<string>;
  readonly #destinations = new Set<string>();

  constructor(precompiles: Precompiles, overridden: ReadonlySet<string>) {
    this.#precompiles = precompiles;
    this.#overridden = overridden;
  }

  /** An account that is overridden is no precompile any more. */
  take(address: Address, destination: Address | undefined): void {
    const key = keyOf(address);
    if (this.#destinations.has(key)) throw refuse(address, 'has already been overridden by a precompile');
    const precompile = this.#precompiles.get(key);
    if (destination !== undefined) {
      if (precompile === undefined) throw refuse(address, 'is not a precompile');
      if (this.#overridden.has(keyOf(destination))) throw refuse(destination, 'is already overridden');
      this.#precompiles.set(keyOf(destination), precompile);
      this.#destinations.add(keyOf(destination));
    }
    this.#precompiles.delete(key);
  }
}

export interface OverridePace {
  /** Called for each account and slot. */
  spend(): void;
  /** Lets others have their turn. */
  pause(): Promise<void>;
}

/** Slots that are hashed into their trie at once. */
const slotsBetweenPauses = 1_000;

async function overrideSlots(
  { state }: Machine,
  address: Address,
  slots: Readonly<Record<string, string>>,
  pace: OverridePace,
): Promise<void> {
  let set = 0;
  for (const [slot, value] of Object.entries(slots)) {
    pace.spend();
    await state.putStorage(address, word(slot), word(value));
    set += 1;
    if (set % slotsBetweenPauses > 0) continue;
    await state.flush();
    await pace.pause();
  }
}

async function overrideAccount(
  machine: Machine,
  address: Address,
  override: SimulatedAccountOverride,
  pace: OverridePace,
): Promise<void> {
  const { state } = machine;
  const { nonce, balance, code, state: whole, stateDiff } = override;
  if (nonce !== undefined || balance !== undefined || code !== undefined || whole || stateDiff) {
    const account = (await state.getAccount(address)) ?? new Account();
    if ((nonce ?? 0n) > maxUint64)
      throw new SimulationRefusal('invalidParams', 'a nonce has more than 64 bits');
    account.nonce = nonce ?? account.nonce;
    account.balance = balance ?? account.balance;
    await state.putAccount(address, account);
  }
  if (code !== undefined) await state.putCode(address, code);
  if (whole && stateDiff) throw refuse(address, "has both 'state' and 'stateDiff'");
  if (whole) await state.clearStorage(address);
  await overrideSlots(machine, address, whole ?? stateDiff ?? {}, pace);
}

/** In the order of the addresses. Throws a SimulationRefusal. */
export async function overrideState(
  machine: Machine,
  overrides: BlockToSimulate['stateOverrides'],
  pace: OverridePace,
): Promise<void> {
  const entries = Object.entries(overrides ?? {})
    .map(([name, override]) => ({ address: readAddress(name as Hex), override }))
    .sort((a, b) => Buffer.compare(a.address.bytes, b.address.bytes));
  const moves = new PrecompileMoves(
    machine.evm.precompiles,
    new Set(entries.map(({ address }) => keyOf(address))),
  );
  for (const { address, override } of entries) {
    const { movePrecompileToAddress: destination } = override;
    moves.take(address, destination === undefined ? undefined : readAddress(destination));
    pace.spend();
    await overrideAccount(machine, address, override, pace);
  }
}

/**
 * The library's EVM with two of its steps in a shorter form: what a frame costs beside its opcodes. The library copies message, environment and
 * run state of each frame into new objects of some sixty members, which takes a third of the time of a small call and which nobody reads; and it looks
 * for jump destinations in the whole code in each frame.
 * Where rules of Amsterdam and later are active, which charge a frame for more, its own steps run.
 */
import {
  createEVM,
  EVM,
  EVMError,
  type EVMOpts,
  type EVMResult,
  type ExecResult,
  type Message,
  NobleBN254,
} from '@ethereumjs/evm';
import { Account, type Address, createZeroAddress } from '@ethereumjs/util';

type RunState = NonNullable<ExecResult['runState']>;
type Interpreter = RunState['interpreter'];
type InterpreterClass = new (
  evm: EVM,
  state: EVM['stateManager'],
  blockchain: EVM['blockchain'],
  env: RunState['env'],
  gasLeft: bigint,
  journal: EVM['journal'],
  logger: unknown,
) => Interpreter;
type Options = NonNullable<Parameters<Interpreter['run']>[1]>;

const laterRules = [2780, 6800, 7708, 7864, 7928, 8037];
const nobody = createZeroAddress();
const { REVERT, INVALID_EOF_FORMAT } = EVMError.errorMessages;

/** The library does not export it; a finished frame names it. */
async function interpreterClass(): Promise<InterpreterClass> {
  const { runState } = await (await createEVM()).runCode({ code: Uint8Array.of(0) });
  return runState!.interpreter.constructor as InterpreterClass;
}
let interpreter: Promise<InterpreterClass> | undefined;

type Analysis = ReturnType<Interpreter['_getValidJumpDestinations']>;
/** Of the codes whose analysis an EVM remembers; an analysis takes some ten times as much. */
const ANALYSED_BYTES = 256 * 1024;

/**
 * An interpreter that goes through a code for its jump destinations once, and not in each frame. A code that is called again is the same object, which
 * nobody changes.
 */
function withRememberedCode(Interpreter: InterpreterClass): InterpreterClass {
  const known = new Map<Uint8Array, Analysis>();
  let bytes = 0;
  return class extends Interpreter {
    override _getValidJumpDestinations(code: Uint8Array): Analysis {
      const found = known.get(code);
      if (found !== undefined) return found;
      const analysis = super._getValidJumpDestinations(code);
      bytes += code.length;
      if (bytes > ANALYSED_BYTES) {
        known.clear();
        bytes = code.length;
      }
      known.set(code, analysis);
      return analysis;
    }
  };
}

export class LeanEvm extends EVM {
  readonly #Interpreter: InterpreterClass;
  readonly #isLater: boolean;

  constructor(options: EVMOpts, Interpreter: InterpreterClass) {
    super(options);
    this.#Interpreter = withRememberedCode(Interpreter);
    this.#isLater = laterRules.some((eip) => this.common.isActivatedEIP(eip));
  }

  /** As the library's: moves the value, loads the code and runs it. */
  protected override async _executeCall(message: Message & { to: Address }): Promise<EVMResult> {
    if (this.#isLater) return super._executeCall(message);
    const failure = message.delegatecall ? undefined : await this.#moveValue(message);
    await this._loadCode(message);
    const { code } = message;
    if (failure !== undefined || !code || (typeof code !== 'function' && code.length === 0))
      return {
        execResult: {
          gasRefund: message.gasRefund,
          executionGasUsed: 0n,
          returnValue: new Uint8Array(0),
          ...(failure === undefined ? {} : { exceptionError: failure }),
        },
      };
    let execResult: ExecResult;
    if (typeof code === 'function') {
      execResult = await this.runPrecompile(code, message.data, message.gasLimit);
      execResult.gasRefund = message.gasRefund;
    } else {
      execResult = await this.runInterpreter(message);
    }
    if (message.depth === 0 && this.common.isActivatedEIP(1153)) this.transientStorage.clear();
    return { execResult };
  }

  /** Touches both accounts, also where nothing is moved (EIP-161). */
  async #moveValue(message: Message & { to: Address }): Promise<EVMError | undefined> {
    const state = this.stateManager;
    let failure: EVMError | undefined;
    const take = (error: unknown): void => {
      failure = error as EVMError;
    };
    const from = (await state.getAccount(message.caller)) ?? new Account();
    await this._reduceSenderBalance(from, message).catch(take);
    const to = (await state.getAccount(message.to)) ?? new Account();
    await this._addToBalance(to, message).catch(take);
    return failure;
  }

  protected override async runInterpreter(message: Message, options: Options = {}): Promise<ExecResult> {
    if (this.#isLater || this._block === undefined) return super.runInterpreter(message, options);
    const env: RunState['env'] = {
      address: message.to ?? nobody,
      caller: message.caller,
      callData: message.data,
      callValue: message.value,
      code: message.code as Uint8Array,
      isStatic: message.isStatic,
      isCreate: message.isCreate ?? false,
      depth: message.depth,
      gasPrice: this._tx!.gasPrice,
      origin: this._tx!.origin,
      block: this._block,
      contract: (await this.stateManager.getAccount(message.to ?? nobody)) ?? new Account(),
      codeAddress: message.codeAddress,
      gasRefund: message.gasRefund,
      blobVersionedHashes: message.blobVersionedHashes ?? [],
      ...(message.createdAddresses === undefined ? {} : { createdAddresses: message.createdAddresses }),
    };
    const frame = new this.#Interpreter(
      this,
      this.stateManager,
      this.blockchain,
      env,
      message.gasLimit,
      this.journal,
      this.performanceLogger,
    );
    const own = frame._result;
    if (message.selfdestruct) own.selfdestruct = message.selfdestruct;
    if (message.createdAddresses) own.createdAddresses = message.createdAddresses;
    const { runState, exceptionError } = await frame.run(env.code, options);
    const keepsGas =
      exceptionError === undefined ||
      [REVERT, INVALID_EOF_FORMAT].some((each) => each === exceptionError.error);
    return {
      logs: exceptionError ? [] : own.logs,
      selfdestruct: exceptionError ? new Map() : own.selfdestruct,
      ...(own.createdAddresses === undefined && !exceptionError
        ? {}
        : { createdAddresses: exceptionError ? new Set() : own.createdAddresses! }),
      runState,
      ...(exceptionError === undefined ? {} : { exceptionError }),
      gas: runState.gasLeft,
      executionGasUsed: keepsGas ? message.gasLimit - runState.gasLeft : message.gasLimit,
      gasRefund: runState.gasRefund,
      stateGasSpilled: runState.stateGasSpilled,
      returnValue: own.returnValue ?? new Uint8Array(0),
    };
  }
}

export async function createLeanEvm(options: EVMOpts): Promise<EVM> {
  interpreter ??= interpreterClass();
  return new LeanEvm({ ...options, bn254: new NobleBN254() }, await interpreter);
}

/** Deployments: creations whose code is verified when they are final. */
import type { Hex } from '@lucid/chain-client';
import type { CodeVerification, contractDeploymentContract, InputOf } from '@lucid/contracts';
import type { Page } from '@lucid/document-store';
import type { Clock, Log } from '@lucid/service-kit';
import type { Static } from 'typebox';
import { problem } from '../problem.ts';
import type { DeploymentDocument, SentStore } from '../store/sent-store.ts';
import type { Account } from './account.ts';
import { onChain } from './chain-failures.ts';
import { isSound, judgeCode } from './code-verification.ts';
import type { ContractSource, Reference, RuntimeCode } from './contract-source.ts';
import { prepareCreation } from './prepared.ts';
import { requestHashOf } from './request-hash.ts';
import { Sending } from './sending.ts';

type Operations = (typeof contractDeploymentContract)['operations'];
export type DeploymentRequest = InputOf<Operations['putDeployment']>['body'];
export type Verification = Static<typeof CodeVerification>;

interface Parts {
  readonly store: SentStore<DeploymentDocument>;
  readonly source: ContractSource;
  readonly account: Account;
  readonly clock: Clock;
  readonly log: Log;
  readonly onOpen: () => void;
}

export class Deployments {
  readonly #parts: Parts;
  readonly sending: Sending<DeploymentDocument>;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.sending = new Sending({
      ...parts,
      prefix: 'deploy',
      conflict: 'deployment_conflict',
      settled: (nonce) => ({ address: parts.account.createdBy(nonce) }),
      ended: (document) => this.#ended(document),
    });
  }

  put(id: string, request: DeploymentRequest): Promise<DeploymentDocument> {
    const { contract, args = [], valueWei = '0x0', reservationId } = request;
    const requestHash = requestHashOf({ contract, args, valueWei });
    return this.sending.ask(id, {
      requestHash,
      reservationId,
      make: () => this.#begin(id, request, requestHash),
    });
  }

  async get(id: string): Promise<DeploymentDocument> {
    const found = await this.#parts.store.get(id);
    if (!found) throw problem('deployment_unknown', { detail: `Nothing was deployed as ${id}.` });
    return found.document;
  }

  list({
    name,
    limit,
    after,
  }: {
    name?: string | undefined;
    limit: number;
    after?: string | undefined;
  }): Promise<Page<DeploymentDocument>> {
    return this.#parts.store.find({
      ...(name === undefined ? { index: 'requested' } : { index: 'name', equals: [name] }),
      ...{ reverse: true, limit },
      ...(after === undefined ? {} : { after }),
    });
  }

  /** Compares anew and keeps what came out. */
  async verify(id: string): Promise<Verification> {
    const { address, runtime, status } = await this.get(id);
    if (address === undefined || status === 'submitted')
      throw problem('not_deployed', {
        detail: `The deployment is ${status}; ask again when it is confirmed.`,
      });
    const verification = await onChain(this.#judge(runtime, address));
    const { store } = this.#parts;
    const stored = await store.get(id);
    if (stored)
      await store.replace({ ...stored.document, verification: JSON.stringify(verification) }, stored.version);
    return verification;
  }

  async verifyAt(address: Hex, reference: Reference): Promise<Verification> {
    const { runtime, identity } = await this.#parts.source.load(reference);
    if (runtime.code === '0x')
      throw problem('contract_abstract', { detail: `${identity.name} is abstract or an interface.` });
    return onChain(this.#judge(runtime, address));
  }

  async #begin(id: string, request: DeploymentRequest, requestHash: string): Promise<DeploymentDocument> {
    const { contract: reference, args = [], valueWei = '0x0', gas, nonce } = request;
    const contract = await this.#parts.source.load(reference);
    const prepared = prepareCreation(contract, args, BigInt(valueWei));
    const nowMs = this.#parts.clock.nowMs();
    return {
      ...{ id, requestHash, status: 'pending', openSinceMs: nowMs, requestedAtMs: nowMs },
      ...{
        to: null,
        data: prepared.data,
        valueWei: valueWei as Hex,
        gas: gas as Hex | undefined,
        wishedNonce: nonce,
      },
      ...{
        abi: JSON.stringify(contract.abi),
        name: contract.identity.name,
        args: JSON.stringify(prepared.args),
      },
      ...{
        contract: contract.identity,
        runtime: contract.runtime,
        constructorData: prepared.constructorData,
      },
    };
  }

  async #judge(runtime: RuntimeCode, address: Hex): Promise<Verification> {
    const { view } = this.#parts.account;
    const [height, code] = [await view.height(), await view.code(address)];
    return { ...judgeCode(runtime, { address, code }), blockHeight: Number(height) };
  }

  async #ended({ runtime, address }: DeploymentDocument): Promise<Partial<DeploymentDocument>> {
    const judged = await this.#judge(runtime, address!);
    const verification = JSON.stringify(judged);
    if (isSound(judged)) return { verification };
    const where = judged.differsAt === undefined ? 'has no code' : `differs at byte ${judged.differsAt}`;
    return {
      verification,
      failure: {
        code: 'code_differs',
        detail: `What stands at ${address} ${where}: its constructor gave other code.`,
      },
    };
  }
}

/**
 * contract-deployment as its contract says, over a chain in memory: every contract has the ABI of `descriptions`, every transaction is in
 * a block when it was asked about `looks` times, and refusals come by script.
 */
import { createdAddress, type Hex } from '@lucid/chain-client';
import { type ContractDescription, contractDeploymentContract, type InputOf } from '@lucid/contracts';
import { defineService, type Handlers, ProblemError } from '@lucid/service-kit';
import { type Static, Type } from 'typebox';

type Operations = (typeof contractDeploymentContract)['operations'];
type Operation = keyof Operations;
type Description = Static<typeof ContractDescription>;

export const account: Hex = `0x${'ac'.repeat(20)}`;
const hash = (index: number) => `0x${index.toString(16).padStart(64, '0')}`;

interface Sent {
  readonly id: string;
  readonly nonce: number;
  readonly request: unknown;
  looks: number;
  failure?: { code: string; detail: string };
}

const input = (type: string, name = '') => ({ type, name });
const item = (name: string, inputs: object[], stateMutability: string, outputs: object[] = []) => ({
  ...{ type: 'function', name, inputs, outputs, stateMutability },
});

const descriptionOf = (
  name: string,
  abi: Record<string, unknown>[],
  more: Partial<Description> = {},
): Description => ({
  ...{ origin: 'house', name, source: `${name}.sol`, compiler: '0.8.37', abi, immutableBytes: 0 },
  ...{
    sourceHash: '1'.repeat(64),
    abiHash: '2'.repeat(64),
    creationHash: hash(1),
    creationBytes: 10,
    runtimeBytes: 10,
  },
  ...more,
});

export const descriptions: Readonly<Record<string, Description>> = {
  Plain: descriptionOf('Plain', []),
  Owned: descriptionOf('Owned', [
    {
      type: 'constructor',
      inputs: [input('address', 'owner'), input('uint256', 'size')],
      stateMutability: 'nonpayable',
    },
    item('grant', [input('address', 'to'), input('bytes32', 'role')], 'nonpayable'),
    item('revoke', [input('address', 'to')], 'nonpayable'),
    item('note', [input('uint256', 'height')], 'nonpayable'),
    item('owner', [], 'view', [input('address')]),
    item('size', [], 'view', [input('uint256')]),
    item('both', [], 'view', [input('address'), input('uint256')]),
  ]),
  Abstract: descriptionOf('Abstract', [], { creationBytes: 0 }),
  Large: descriptionOf('Large', [], { runtimeBytes: 24_577 }),
};

export class FakeDeployment {
  /** Codes that the next calls of an operation are refused with. */
  readonly refusals = new Map<Operation, string[]>();
  /** Failures of transactions, by id. */
  readonly failures = new Map<string, string>();
  readonly sent = new Map<string, Sent>();
  /** Ids in the order of their nonces. */
  readonly order: string[] = [];
  reservedBy: string | null = null;
  nextNonce = 7;
  height = 100;
  /** How often something that was sent is asked about before its block. */
  looks = 2;
  /** Answers of reads, by function. */
  reads: Record<string, unknown[]> = {};
  /** Ids that never come into a block. */
  readonly stuck = new Set<string>();

  refuse(operation: Operation, ...codes: string[]): void {
    this.refusals.set(operation, [...(this.refusals.get(operation) ?? []), ...codes]);
  }

  entered(operation: Operation): void {
    const code = this.refusals.get(operation)?.shift();
    if (code) throw new ProblemError(code, { detail: `refused as ${code}` });
  }

  private assertReserved(reservationId: string | undefined): void {
    if (this.reservedBy !== null && this.reservedBy !== reservationId)
      throw new ProblemError('account_reserved');
    if (reservationId !== undefined && this.reservedBy === null)
      throw new ProblemError('reservation_unknown');
  }

  send(id: string, request: { nonce?: number | undefined; reservationId?: string | undefined }): Sent {
    const known = this.sent.get(id);
    if (known) {
      known.looks++;
      return known;
    }
    this.assertReserved(request.reservationId);
    if (request.nonce !== undefined && request.nonce !== this.nextNonce)
      throw new ProblemError('nonce_taken');
    const failure = this.failures.get(id);
    const sent = {
      id,
      nonce: this.nextNonce++,
      request,
      looks: 0,
      ...(failure ? { failure: { code: failure, detail: 'why' } } : {}),
    };
    this.sent.set(id, sent);
    this.order.push(id);
    return sent;
  }

  answer({ id, nonce, looks, failure }: Sent) {
    const isIn = looks >= this.looks && !this.stuck.has(id);
    const status = !isIn ? 'submitted' : failure ? 'failed' : 'confirmed';
    if (isIn) this.height++;
    return {
      ...{
        status: status as 'submitted' | 'failed' | 'confirmed',
        chainId: 1337,
        from: account,
        nonce,
        transactionHash: hash(nonce),
        requestedAtMs: 1,
      },
      ...(isIn
        ? {
            blockHeight: 100 + nonce,
            blockHash: hash(nonce),
            gasUsed: '0x5208',
            ...(failure ? { failure } : {}),
          }
        : {}),
    };
  }
}

export function fakeDeploymentService(fake: FakeDeployment) {
  const entering = <T>(operation: Operation, work: () => T): T => {
    fake.entered(operation);
    return work();
  };
  const none = (): never => {
    throw new ProblemError('internal');
  };
  const nameOf = (contract: { house: string } | { name: string }): string =>
    'house' in contract ? contract.house : contract.name;
  const described = (contract: { house: string } | { name: string }): Description => {
    const found = descriptions[nameOf(contract)];
    if (!found) throw new ProblemError('contract_unknown', { detail: 'There is no such contract.' });
    return found;
  };
  const handlers: Partial<Handlers<typeof contractDeploymentContract, { close(): void }>> = {
    describeContract: ({ body }) => entering('describeContract', () => described(body.contract)),
    getAccount: () =>
      entering('getAccount', () => ({
        ...{
          account,
          chainId: 1337,
          blockHeight: fake.height++,
          balanceWei: '0xde0b6b3a7640000',
          nextNonce: fake.nextNonce,
        },
        pending: { deployments: 0, transactions: 0 },
      })),
    reserve: ({ params, body }) =>
      entering('reserve', () => {
        if (fake.reservedBy !== null && fake.reservedBy !== params.reservationId)
          throw new ProblemError('account_reserved');
        fake.reservedBy = params.reservationId;
        const addresses = Array.from({ length: body.count }, (_, at) =>
          createdAddress(account, fake.nextNonce + at),
        );
        return {
          ...params,
          account,
          firstNonce: fake.nextNonce,
          count: body.count,
          addresses,
          expiresAtMs: 1,
        };
      }),
    release: ({ params }) =>
      entering('release', () => {
        if (fake.reservedBy === params.reservationId) fake.reservedBy = null;
      }),
    putDeployment: ({ params, body }) =>
      entering('putDeployment', () => {
        const sent = fake.send(params.deploymentId, body);
        const {
          abi: _,
          creationBytes: _c,
          runtimeBytes: _r,
          immutableBytes: _i,
          ...contract
        } = described(body.contract);
        const address = createdAddress(account, sent.nonce);
        return {
          ...params,
          ...fake.answer(sent),
          contract,
          address,
          constructorArguments: body.args ?? [],
          constructorData: '0x',
          valueWei: '0x0',
        };
      }),
    putTransaction: ({ params, body }) =>
      entering('putTransaction', () => {
        const sent = fake.send(params.transactionId, body);
        const { to, function: name, args = [] } = body;
        return {
          ...params,
          ...fake.answer(sent),
          to,
          function: name,
          args,
          contractName: nameOf(body.contract),
          valueWei: '0x0',
        };
      }),
    readContract: ({ body }) =>
      entering('readContract', () => ({ values: fake.reads[body.function] ?? [], blockHeight: fake.height })),
    simulate: ({ body }: InputOf<Operations['simulate']>) =>
      entering('simulate', () => {
        let nonce = fake.nextNonce;
        const steps = body.steps.map((each) => {
          if (each.kind === 'read') return { ok: true, values: fake.reads[each.function] ?? [] };
          const own = nonce++;
          return {
            ok: true,
            gas: '0x5208',
            ...(each.kind === 'create' ? { address: createdAddress(account, own) } : {}),
          };
        });
        const prices = { gas: '0x5208', gasPriceWei: '0x1', costWei: '0x5208', balanceWei: '0xffffff' };
        return { account, blockHeight: fake.height, firstNonce: fake.nextNonce, steps, ...prices };
      }),
  };
  const names = Object.keys(contractDeploymentContract.operations) as Operation[];
  return defineService({
    contract: contractDeploymentContract,
    config: Type.Object({}),
    createContext: () => ({ close: () => {} }),
    handlers: Object.fromEntries(names.map((name) => [name, handlers[name] ?? none])) as unknown as Handlers<
      typeof contractDeploymentContract,
      { close(): void }
    >,
  });
}

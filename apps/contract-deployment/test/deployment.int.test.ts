import { createdAddress, type Hex } from '@lucid/chain-client';
import { artifacts, defaultParameters } from '@lucid/chain-contracts';
import { bundleWorker } from '../../contract-compiler/test/worker-bundle.ts';
import {
  addressOf,
  chainIsUp,
  createWorld,
  type DeploymentStack,
  deployerKey,
  eventually,
  poorKey,
  problemOf,
  removeWorld,
  startDeployment,
  type World,
} from './deployment-stack.ts';

jest.setTimeout(120_000);

const deployer = addressOf(deployerKey);
const owner = `0x${'4c'.repeat(20)}`;
const parameters = defaultParameters.map((each) => ({
  ...each,
  ...{ value: String(each.value), min: String(each.min), max: String(each.max) },
}));
const source = `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;
library L { function twice(uint a) external pure returns (uint) { return 2 * a; } }
abstract contract Base { function f() external virtual; }
contract Counter {
  error TooMany(uint256 most);
  event Added(address indexed by, uint256 n, string indexed note);
  uint256 public immutable most;
  uint256 public n;
  constructor(uint256 most_) payable { if (most_ == 0) revert TooMany(0); most = most_; }
  function add(uint256 by) external { if (n + by > most) revert TooMany(most); n += by; emit Added(msg.sender, n, "note"); }
  function add(uint256 by, bool twice) external { n += L.twice(by); twice; }
  function pair() external view returns (uint256, address[] memory) { address[] memory a = new address[](1); a[0] = msg.sender; return (n, a); }
}
contract Burner { constructor() { while (true) { } } }
contract Hoarder { uint[500] all; constructor() { for (uint i; i < 500; ++i) all[i] = 1; } }
contract Broken { constructor() { assembly { invalid() } } }
contract Liar { constructor() { assembly { mstore(0, 0x00) return(0, 32) } } }
contract Panics { constructor() { uint[] memory a = new uint[](1); a[2 + a[0]] = 1; } }
`;

let worker: Awaited<ReturnType<typeof bundleWorker>>;
let world: World;
let stack: DeploymentStack;
let artifactId: string;

beforeAll(async () => {
  worker = await bundleWorker();
  world = await createWorld();
  stack = await startDeployment(world, { workerUrl: worker.url });
  await chainIsUp(stack);
  const answer = await stack.compiler.compile({ body: { sources: [{ name: 'a.sol', content: source }] } });
  expect(answer.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  artifactId = answer.id;
});
afterAll(async () => {
  await stack.stack.close();
  await removeWorld(world);
  await worker.remove();
});

const compiled = (name: string, libraries?: Record<string, string>) => ({
  artifactId,
  name,
  ...(libraries ? { libraries } : {}),
});
let library: Promise<string> | undefined;
/** Where the library stands, deployed once. */
const libraryAddress = (): Promise<string> => {
  library ??= stack
    .put('library', { contract: compiled('L') })
    .then(() => stack.ended('library'))
    .then((each) => each.address!);
  return library;
};
const counter = async () => compiled('Counter', { 'a.sol:L': await libraryAddress() });

describe('a deployment', () => {
  it('of a contract of the house: address at once, then block, code, and everything that made it', async () => {
    const contract = { house: 'ParamRegistry' };
    const { nextNonce } = await stack.deployment.getAccount({});
    const begun = await stack.put('registry', { contract, args: [owner, parameters] });
    expect(begun).toMatchObject({
      ...{ deploymentId: 'registry', status: 'submitted', from: deployer, nonce: nextNonce },
      address: createdAddress(deployer, nextNonce),
    });
    const done = await stack.ended('registry');
    const { compiler, sourceHash } = artifacts.ParamRegistry;
    expect(done).toMatchObject({
      ...{ status: 'confirmed', chainId: 1337, address: begun.address, valueWei: '0x0' },
      contract: { origin: 'house', name: 'ParamRegistry', compiler, sourceHash },
      verification: { verdict: 'match', address: begun.address },
      constructorArguments: [owner, parameters.map((each) => ({ ...each, class: String(each.class) }))],
    });
    expect(done.verification!.immutables.map(({ value }) => BigInt(value))).toContain(BigInt(owner));
    const receipt = (await stack.rpc('eth_getTransactionReceipt', done.transactionHash))
      .result as never as Record<string, string>;
    expect(receipt).toMatchObject({
      contractAddress: done.address,
      blockHash: done.blockHash,
      gasUsed: done.gasUsed,
    });
    const read = { contract, to: done.address!, function: 'getByName', args: ['GOV_QUORUM_PERCENT'] };
    expect(await stack.deployment.readContract({ body: read })).toMatchObject({ values: ['67'] });
    expect(await stack.deployment.verifyDeployment({ params: { deploymentId: 'registry' } })).toMatchObject({
      verdict: 'match',
    });
  });

  it('is one for ever under its id, and refuses other values under it', async () => {
    const request = { contract: await counter(), args: [5] };
    const [first, second] = await Promise.all([stack.put('once', request), stack.put('once', request)]);
    const done = await stack.ended('once');
    expect(done.status).toBe('confirmed');
    const { nextNonce } = await stack.deployment.getAccount({});
    expect(await stack.put('once', request)).toEqual(done);
    expect([first.nonce, second.nonce]).toEqual([done.nonce, done.nonce]);
    expect((await stack.deployment.getAccount({})).nextNonce).toBe(nextNonce);
    expect(await problemOf(stack.put('once', { ...request, args: [6] }))).toMatchObject({
      code: 'deployment_conflict',
    });
    expect(
      await problemOf(stack.put('once', { ...request, contract: { house: 'LucidAnchors' } })),
    ).toMatchObject({
      code: 'deployment_conflict',
    });
  });

  it('of a compiled contract links libraries, fills immutables in, and says which sources it is of', async () => {
    const done = await (async () => {
      await stack.put('counter', { contract: await counter(), args: ['0xff'], valueWei: '0x7' });
      return stack.ended('counter');
    })();
    expect(done).toMatchObject({
      status: 'confirmed',
      contract: { origin: 'compiled', name: 'Counter', source: 'a.sol', artifactId },
      constructorArguments: ['255'],
      verification: { verdict: 'match' },
    });
    expect(done.verification!.immutables.some(({ value }) => BigInt(value) === 255n)).toBe(true);
    expect((await stack.rpc('eth_getBalance', done.address, 'latest')).result).toBe('0x7');
    const listed = await stack.deployment.listDeployments({ query: { name: 'Counter', limit: 1 } });
    expect(listed.items).toEqual([done]);
    const all = await stack.deployment.listDeployments({ query: { limit: 200 } });
    expect(all.items.map(({ deploymentId }) => deploymentId)).toEqual(
      expect.arrayContaining(['library', 'counter']),
    );
    const times = all.items.map(({ requestedAtMs }) => requestedAtMs);
    expect(times).toEqual([...times].sort((a, b) => b - a));
  });

  it('whose code is not the compiler’s is a failure that says where, and stands all the same', async () => {
    await stack.put('liar', { contract: compiled('Liar') });
    const done = await stack.ended('liar');
    expect(done).toMatchObject({
      status: 'failed',
      failure: { code: 'code_differs', detail: expect.stringContaining('differs at byte 0') },
      verification: { verdict: 'differs', differsAt: 0, foundBytes: 32 },
    });
    expect(await stack.put('liar', { contract: compiled('Liar') })).toEqual(done);
  });

  it('that reverts in its block although nobody foresaw it says why, and its id is used up', async () => {
    const request = { contract: await counter(), args: [0], gas: '0x7a120' };
    await stack.put('reverted', request);
    const done = await stack.ended('reverted');
    expect(done).toMatchObject({
      status: 'failed',
      failure: { code: 'transaction_reverted', detail: 'It reverted: TooMany("0").' },
    });
    expect(await stack.put('reverted', request)).toEqual(done);
  });
});

describe('what is refused before anything is sent', () => {
  const refused = async (body: Parameters<DeploymentStack['put']>[1]) => {
    const { nextNonce } = await stack.deployment.getAccount({});
    const found = await problemOf(stack.put('refused', body));
    expect((await stack.deployment.getAccount({})).nextNonce).toBe(nextNonce);
    return found;
  };

  it('a constructor that reverts: its reason, with names and values', async () => {
    const contract = await counter();
    expect(await refused({ contract, args: [0] })).toEqual({
      code: 'execution_reverted',
      detail: 'It reverts: TooMany("0").',
    });
    const known = await stack.deployment.getDeployment({ params: { deploymentId: 'refused' } });
    expect(known).toMatchObject({ status: 'failed', failure: { code: 'execution_reverted' } });
    expect(known).not.toHaveProperty('nonce');
  });

  it.each([
    ['Panics', {}, 'execution_reverted', 'It reverts: Panic("50").'],
    ['Broken', {}, 'execution_reverted', expect.stringContaining('breaks off without a reason')],
    ['Burner', {}, 'execution_reverted', expect.stringContaining('work without end')],
    ['Hoarder', {}, 'gas_too_high', expect.stringContaining('8000000')],
    ['Base', {}, 'contract_abstract', expect.stringContaining('Base')],
    ['Nobody', {}, 'contract_unknown', expect.stringContaining('a.sol:Counter')],
    ['L', { args: [1] }, 'arguments_invalid', 'args: expected 0 values, not 1.'],
    ['L', { valueWei: '0x1' }, 'arguments_invalid', expect.stringContaining('valueWei')],
    ['L', { gas: '0x7a1201' }, 'gas_too_high', expect.stringContaining('8000000')],
    ['L', { valueWei: '0x0', nonce: 4_000 }, 'nonce_taken', expect.any(String)],
    ['L', { reservationId: 'none' }, 'reservation_unknown', expect.any(String)],
  ])('%s %j: %s', async (name, more, code, detail) => {
    const deploymentId = `refused-${name}-${Object.keys(more)}-${code}`.replaceAll(/[^\w.-]/g, '');
    const body = { contract: compiled(name), ...more };
    expect(await problemOf(stack.put(deploymentId, body))).toEqual({ code, detail });
    // What never had a nonce may be asked for again.
    expect(await problemOf(stack.put(deploymentId, body))).toEqual({ code, detail });
  });

  it('the same id is free for other values as long as nothing was signed', async () => {
    expect(await refused({ contract: await counter(), args: ['0x00'] })).toMatchObject({
      code: 'execution_reverted',
    });
  });

  it('contracts, artifacts and libraries that are not there, arguments that do not fit', async () => {
    expect(await refused({ contract: { house: 'toString' } })).toMatchObject({
      code: 'contract_unknown',
      detail: expect.stringContaining('LucidGovernor'),
    });
    const unknown = { artifactId: '0'.repeat(64), name: 'A' };
    expect(await refused({ contract: unknown })).toMatchObject({ code: 'artifact_unknown' });
    expect(await refused({ contract: compiled('Counter'), args: [1] })).toEqual({
      code: 'library_missing',
      detail: 'Give the address of a.sol:L in `libraries`.',
    });
    const args = [owner, [{ ...parameters[0], value: -1 }]];
    expect(await refused({ contract: { house: 'ParamRegistry' }, args })).toEqual({
      code: 'arguments_invalid',
      detail: expect.stringMatching(/^args\[1\]\[0\]\.value: expected uint128, from 0 to \d+\.$/),
    });
    expect(await refused({ contract: { house: 'ParamRegistry' }, args: [owner, [], 'more'] })).toEqual({
      code: 'arguments_invalid',
      detail: 'args: expected 2 values (address timelock_, tuple[] definitions), not 3.',
    });
    const lone = { contract: { house: 'ParamRegistry' }, args: ['\ud800', []] };
    expect((await refused(lone)).code).toBe('arguments_invalid');
  });

  it('code that is larger than a contract may be', async () => {
    const body = Array.from(
      { length: 1_300 },
      (_, at) => `function f${at}() external { emit E(${at}, "${'x'.repeat(31)}"); }`,
    );
    const content = `// SPDX-License-Identifier: MIT\npragma solidity ^0.8.28;\ncontract Large { event E(uint, string); ${body.slice(0, 900).join(' ')} }\ncontract Wide { constructor(bytes memory) {} }`;
    const { id } = await stack.compiler.compile({
      body: { sources: [{ name: 'large.sol', content }], deadlineMs: 60_000 },
    });
    expect(await refused({ contract: { artifactId: id, name: 'Large' } })).toEqual({
      code: 'code_too_large',
      detail: expect.stringContaining('EIP-170'),
    });
    const wide = { contract: { artifactId: id, name: 'Wide' }, args: [`0x${'01'.repeat(50_000)}`] };
    expect(await problemOf(stack.put('wide', wide))).toEqual({
      code: 'code_too_large',
      detail: expect.stringContaining('EIP-3860'),
    });
  });
});

describe('reservations', () => {
  const contract = { house: 'LucidAnchors' };
  it('say addresses before anything is sent, and keep the account for who holds them', async () => {
    const { nextNonce } = await stack.deployment.getAccount({});
    const params = { reservationId: 'plan-1' };
    const held = await stack.deployment.reserve({ params, body: { count: 2, ttlMs: 60_000 } });
    const addresses = [nextNonce, nextNonce + 1].map((nonce) => createdAddress(deployer, nonce));
    expect(held).toMatchObject({ firstNonce: nextNonce, count: 2, addresses });
    expect(await problemOf(stack.put('other', { contract }))).toEqual({
      code: 'account_reserved',
      detail: expect.stringContaining('plan-1'),
    });
    const other = stack.deployment.reserve({
      params: { reservationId: 'plan-2' },
      body: { count: 1, ttlMs: 1_000 },
    });
    expect(await problemOf(other)).toMatchObject({ code: 'account_reserved' });
    const body = { contract, reservationId: 'plan-1' };
    expect(await problemOf(stack.put('second', { ...body, nonce: nextNonce + 1 }))).toMatchObject({
      code: 'nonce_taken',
    });
    await stack.put('first', { ...body, nonce: nextNonce });
    expect(await stack.deployment.reserve({ params, body: { count: 1, ttlMs: 60_000 } })).toMatchObject({
      firstNonce: nextNonce,
      count: 2,
    });
    const second = await stack.put('second', { ...body, nonce: nextNonce + 1 });
    expect(second.address).toBe(addresses[1]);
    expect(await stack.ended('second')).toMatchObject({ status: 'confirmed' });
    expect(await stack.deployment.getAccount({})).toMatchObject({
      reservedBy: 'plan-1',
      nextNonce: nextNonce + 2,
    });
    await stack.deployment.release({ params });
    await stack.deployment.release({ params });
    expect(await stack.deployment.getAccount({})).not.toHaveProperty('reservedBy');
    expect(await problemOf(stack.put('third', body))).toMatchObject({ code: 'reservation_unknown' });
    await stack.put('third', { contract });
    expect(await stack.ended('third')).toMatchObject({ status: 'confirmed' });
  });

  it('run out', async () => {
    const params = { reservationId: 'short' };
    await stack.deployment.reserve({ params, body: { count: 1, ttlMs: 1_000 } });
    for (;;) {
      const { code } = await problemOf(stack.put('after', { contract }));
      if (code === 'none') break;
      expect(code).toBe('account_reserved');
    }
    expect(await stack.ended('after')).toMatchObject({ status: 'confirmed' });
  });
});

describe('transactions and reads', () => {
  let address: string;
  const call = async (more: object) => ({
    contract: await counter(),
    to: address,
    function: 'add(uint256)',
    args: [2],
    ...more,
  });
  const put = async (transactionId: string, more: object = {}) =>
    stack.deployment.putTransaction({ params: { transactionId }, body: await call(more) });
  beforeAll(async () => {
    await stack.put('called', { contract: await counter(), args: [9] });
    address = (await stack.ended('called')).address!;
  });

  it('call once for each id, and tell the events', async () => {
    await Promise.all([put('add-1'), put('add-1')]);
    const done = await stack.transactionEnded('add-1');
    expect(done).toMatchObject({
      ...{ status: 'confirmed', function: 'add(uint256)', contractName: 'Counter', args: ['2'] },
      events: [
        { name: 'Added', args: { by: deployer, n: '2', note: expect.stringMatching(/^0x[0-9a-f]{64}$/) } },
      ],
    });
    expect(await put('add-1')).toEqual(done);
    await put('add-2', { function: 'add', args: [1, true] });
    expect(await stack.transactionEnded('add-2')).toMatchObject({
      status: 'confirmed',
      function: 'add(uint256,bool)',
    });
    const body = { contract: await counter(), to: address, function: 'pair' };
    expect((await stack.deployment.readContract({ body })).values).toEqual(['4', [deployer]]);
  });

  it('are refused with the reason', async () => {
    expect(await problemOf(put('bad', { args: [100] }))).toEqual({
      code: 'execution_reverted',
      detail: 'It reverts: TooMany("9").',
    });
    expect(await problemOf(put('add-1', { args: [3] }))).toMatchObject({ code: 'transaction_conflict' });
    expect(await problemOf(put('bad-2', { function: 'add' }))).toMatchObject({ code: 'none' });
    expect(await problemOf(put('bad-3', { function: 'sub' }))).toEqual({
      code: 'arguments_invalid',
      detail: 'function: expected a function of the contract, not sub.',
    });
    const unknown = stack.deployment.getTransaction({ params: { transactionId: 'none' } });
    expect(await problemOf(unknown)).toMatchObject({ code: 'transaction_unknown' });
    const nothingThere = { contract: await counter(), to: `0x${'12'.repeat(20)}`, function: 'n' };
    expect(await problemOf(stack.deployment.readContract({ body: nothingThere }))).toMatchObject({
      code: 'execution_reverted',
      detail: expect.stringContaining('is no Counter'),
    });
    const large = {
      contract: { house: 'LucidAnchors' },
      to: owner,
      function: 'verifyRegistration',
      args: [],
    };
    expect((await problemOf(stack.deployment.readContract({ body: large }))).code).toBe('arguments_invalid');
  });
});

describe('a simulation', () => {
  it('says gas, addresses and answers of steps that build on each other, and sends nothing', async () => {
    const { nextNonce } = await stack.deployment.getAccount({});
    const contract = await counter();
    const address = createdAddress(deployer, nextNonce);
    const steps = [
      { kind: 'create', contract, args: [5] },
      { kind: 'transact', contract, to: address, function: 'add(uint256)', args: [3] },
      { kind: 'read', contract, to: address, function: 'n' },
      { kind: 'create', contract: { house: 'LucidAnchors' } },
      { kind: 'transact', contract, to: address, function: 'add(uint256)', args: [3] },
      { kind: 'read', contract, to: address, function: 'n' },
    ] as const;
    const simulated = await stack.deployment.simulate({
      body: { steps: steps.map((each) => ({ ...each, args: 'args' in each ? [...each.args] : [] })) },
    });
    expect(simulated).toMatchObject({
      ...{ account: deployer, firstNonce: nextNonce },
      steps: [
        { ok: true, address },
        { ok: true },
        { ok: true, values: ['3'] },
        { ok: true, address: createdAddress(deployer, nextNonce + 2) },
        { ok: false, failure: { code: 'execution_reverted', detail: 'It reverts: TooMany("5").' } },
      ],
    });
    expect(simulated.steps).toHaveLength(5);
    expect((await stack.deployment.getAccount({})).nextNonce).toBe(nextNonce);
    const burner = await stack.deployment.simulate({
      body: { steps: [{ kind: 'create', contract: compiled('Burner') }] },
    });
    expect(burner.steps).toMatchObject([{ ok: false, failure: { code: 'gas_too_high' } }]);
    const hoarder = await stack.deployment.simulate({
      body: { steps: [{ kind: 'create', contract: compiled('Hoarder') }] },
    });
    expect(hoarder.steps).toMatchObject([{ ok: false, failure: { code: 'gas_too_high' } }]);
  });
});

describe('a verification', () => {
  const verify = (address: string, contract: Parameters<DeploymentStack['put']>[1]['contract']) =>
    stack.deployment.verifyContract({ body: { address, contract } });

  it('of what others deployed: match, or the byte at which it differs', async () => {
    const stranger = await stack.stranger();
    const { bytecode, deployedBytecode } = artifacts.LucidChunkStore;
    const { contractAddress } = await stranger.send({ intentId: 'theirs', to: null, data: bytecode });
    const house = { house: 'LucidChunkStore' };
    expect(await verify(contractAddress!, house)).toMatchObject({ verdict: 'match', immutables: [] });
    // A byte of the code is another.
    const at = 600;
    const changed =
      `${bytecode.slice(0, bytecode.length - deployedBytecode.length + 2)}${flipped(deployedBytecode.slice(2), at)}` as Hex;
    const other = await stranger.send({ intentId: 'changed', to: null, data: changed });
    expect(await verify(other.contractAddress!, house)).toMatchObject({ verdict: 'differs', differsAt: at });
    expect(await verify(owner, house)).toMatchObject({ verdict: 'no-code', foundBytes: 0 });
    expect(await verify(contractAddress!, { house: 'LucidAnchors' })).toMatchObject({ verdict: 'differs' });
  });

  it('of what genesis holds', async () => {
    expect(
      await verify('0x00000000000000000000000000000000004c4101', { house: 'LucidAnchors' }),
    ).toMatchObject({ verdict: 'match' });
  });

  it('of a library, whose code holds its own address', async () => {
    expect(await verify(await libraryAddress(), compiled('L'))).toMatchObject({ verdict: 'match' });
  });

  it('of what has no code to compare with, or no address, is refused', async () => {
    expect(await problemOf(verify(owner, compiled('Base')))).toMatchObject({ code: 'contract_abstract' });
    const again = (deploymentId: string) =>
      problemOf(stack.deployment.verifyDeployment({ params: { deploymentId } }));
    expect((await again('none')).code).toBe('deployment_unknown');
    expect((await again('refused')).code).toBe('not_deployed');
  });
});

const flipped = (code: string, at: number): string => {
  const byte = (Number.parseInt(code.slice(2 * at, 2 * at + 2), 16) ^ 1).toString(16).padStart(2, '0');
  return code.slice(0, 2 * at) + byte + code.slice(2 * at + 2);
};

it('describes contracts with all that their callers need', async () => {
  const house = await stack.deployment.describeContract({ body: { contract: { house: 'LucidGovernor' } } });
  const { abi, bytecode, deployedBytecode } = artifacts.LucidGovernor;
  expect(house).toMatchObject({
    name: 'LucidGovernor',
    abi,
    creationBytes: (bytecode.length - 2) / 2,
    runtimeBytes: (deployedBytecode.length - 2) / 2,
  });
  expect(house.immutableBytes).toBeGreaterThan(0);
});

describe('an account that cannot', () => {
  it('pay says so, and deploys under the same id when it can', async () => {
    await stack.stack.close();
    const poor = { CHAIN_ACCOUNT_KEY: poorKey };
    stack = await startDeployment(world, { workerUrl: worker.url, environment: poor });
    await chainIsUp(stack);
    const contract = { house: 'LucidAnchors' };
    expect(await problemOf(stack.put('poor', { contract }))).toMatchObject({ code: 'insufficient_funds' });
    const stranger = await stack.stranger();
    await stranger.send({ intentId: 'gift', to: addressOf(poorKey), data: '0x', value: 10n ** 20n });
    await stack.put('poor', { contract });
    expect(await stack.ended('poor')).toMatchObject({ status: 'confirmed', from: addressOf(poorKey) });
  });

  it('reach the chain says so, and nothing is sent later by itself', async () => {
    await stack.stack.close();
    stack = await startDeployment(world, { hasChain: false });
    const contract = { house: 'LucidAnchors' };
    expect((await problemOf(stack.put('away', { contract }))).code).toBe('chain_unavailable');
    expect((await problemOf(stack.deployment.getAccount({}))).code).toBe('chain_unavailable');
    const read = { contract, to: owner, function: 'registrationOf', args: [`0x${'00'.repeat(32)}`] };
    expect((await problemOf(stack.deployment.readContract({ body: read }))).code).toBe('chain_unavailable');
    const artifact = { artifactId, name: 'Counter' };
    expect((await problemOf(stack.put('compiled', { contract: artifact }))).code).toBe(
      'compiler_unavailable',
    );
    expect(await stack.stack.ready()).toMatchObject({ 'contract-deployment': { status: 'unready' } });
    await stack.stack.close();
    stack = await startDeployment(world, { workerUrl: worker.url });
    await chainIsUp(stack);
    expect(await stack.deployment.getDeployment({ params: { deploymentId: 'away' } })).toMatchObject({
      status: 'failed',
      failure: { code: 'chain_unavailable' },
    });
    await stack.put('away', { contract });
    expect(await stack.ended('away')).toMatchObject({ status: 'confirmed' });
  });

  it('be of this chain says so', async () => {
    await stack.stack.close();
    stack = await startDeployment(world, { environment: { CHAIN_ID: '1' } });
    await eventually(async () => {
      const { code } = await problemOf(stack.deployment.getAccount({}));
      return code === 'wrong_chain';
    });
    const contract = { house: 'LucidAnchors' };
    expect((await problemOf(stack.put('wrong', { contract }))).code).toBe('wrong_chain');
  });
});

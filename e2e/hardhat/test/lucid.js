// The project's own tests: deploy, call, events, refusals, proofs; once by ethers and once by viem.
const assert = require('node:assert/strict');
const { verifyMerkleProof } = require('@ethereumjs/mpt');
const hre = require('hardhat');
const { hexToBytes, keccak256, parseEventLogs, toHex } = require('viem');

const session = (name) => [
  keccak256(toHex(name)),
  keccak256(toHex(`${name} manifest`)),
  1_700_000_000n,
  `0x${'11'.repeat(20)}`,
  keccak256(toHex(`${name} root`)),
  7,
];

/** The value under a key of a secure trie, checked by another's code. */
const proven = (root, key, nodes) =>
  verifyMerkleProof(
    hexToBytes(keccak256(key)),
    nodes.map((each) => hexToBytes(each)),
    {
      useKeyHashing: false,
      root: hexToBytes(root),
    },
  );

describe('hardhat with ethers', () => {
  it('deploys, writes, reads an event', async () => {
    const contract = await hre.ethers.deployContract('LucidAnchors');
    await contract.waitForDeployment();
    const address = await contract.getAddress();
    const artifact = await hre.artifacts.readArtifact('LucidAnchors');
    assert.equal(await hre.ethers.provider.getCode(address), artifact.deployedBytecode);
    const one = session('ethers');
    const receipt = await (await contract.registerSession(...one)).wait();
    assert.equal(receipt.status, 1);
    const [event] = await contract.queryFilter(contract.filters.SessionRegistered(one[0]), 0);
    assert.equal(event.transactionHash, receipt.hash);
    assert.equal(event.args.merkleRoot, one[4]);
    assert.notEqual(await contract.registrationOf(one[0]), `0x${'0'.repeat(64)}`);
  });

  it('is told why a call is refused', async () => {
    const contract = await hre.ethers.deployContract('LucidAnchors');
    await contract.waitForDeployment();
    const one = session('twice');
    await (await contract.registerSession(...one)).wait();
    const refused = (error) => {
      const text = `${error.message} ${error.data ?? ''} ${error.revert?.name ?? ''}`;
      const { selector } = contract.interface.getError('SessionAlreadyRegistered');
      return text.includes('SessionAlreadyRegistered') || text.includes(selector.slice(2));
    };
    await assert.rejects(contract.registerSession.staticCall(...one), refused);
    await assert.rejects(contract.registerSession(...one), refused);
    const sent = await contract.registerSession(...one, { gasLimit: 200_000 });
    await assert.rejects(sent.wait(), /reverted/);
  });

  it('sends what the account signs, of each type', async () => {
    const [signer] = await hre.ethers.getSigners();
    const to = `0x${'22'.repeat(20)}`;
    for (const fees of [
      { type: 0 },
      { type: 1, accessList: [{ address: to, storageKeys: [] }] },
      { type: 2 },
    ]) {
      const before = await hre.ethers.provider.getBalance(to);
      await (await signer.sendTransaction({ to, value: 5n, ...fees })).wait();
      assert.equal(await hre.ethers.provider.getBalance(to), before + 5n);
    }
  });
});

describe('hardhat with viem', () => {
  it('deploys, writes, reads an event and a proof that another checks', async () => {
    const reader = await hre.viem.getPublicClient();
    const contract = await hre.viem.deployContract('LucidAnchors');
    const one = session('viem');
    const hash = await contract.write.registerSession(one);
    const receipt = await reader.waitForTransactionReceipt({ hash });
    const [{ args }] = parseEventLogs({ abi: contract.abi, logs: receipt.logs });
    assert.equal(args.sessionId, one[0]);

    const { stateRoot, number } = await reader.getBlock();
    // Registrations are the first mapping: slot keccak256(key . 0).
    const slots = [0, 1, 2].map((at) => keccak256(`${one[0]}${toHex(at, { size: 32 }).slice(2)}`));
    const proof = await reader.getProof({
      address: contract.address,
      storageKeys: slots,
      blockNumber: number,
    });
    const account = await proven(stateRoot, contract.address, proof.accountProof);
    assert.ok(Buffer.from(account).includes(Buffer.from(proof.storageHash.slice(2), 'hex')));
    const value = await contract.read.registrationOf([one[0]]);
    const kept = proof.storageProof.filter((each) => each.value === BigInt(value));
    assert.equal(kept.length, 1);
    const [{ key, proof: nodes }] = kept;
    const stored = await proven(proof.storageHash, key, nodes);
    // RLP of 32 bytes: 0xa0 and they.
    assert.equal(`0x${Buffer.from(stored).toString('hex')}`, `0xa0${value.slice(2)}`);
  });

  it('traces a transaction', async () => {
    const contract = await hre.viem.deployContract('LucidAnchors');
    const reader = await hre.viem.getPublicClient();
    const hash = await contract.write.registerSession(session('traced'));
    await reader.waitForTransactionReceipt({ hash });
    const trace = await hre.network.provider.send('debug_traceTransaction', [hash, {}]);
    assert.equal(trace.failed, false);
    assert.ok(trace.structLogs.some(({ op }) => op === 'SSTORE'));
  });
});

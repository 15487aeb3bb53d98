require('@nomicfoundation/hardhat-ethers');
require('@nomicfoundation/hardhat-viem');
const { subtask } = require('hardhat/config');
const { TASK_COMPILE_SOLIDITY_GET_SOLC_BUILD } = require('hardhat/builtin-tasks/task-names');

const version = '0.8.37';

// The compiler comes from npm; hardhat would download one.
subtask(TASK_COMPILE_SOLIDITY_GET_SOLC_BUILD, async ({ solcVersion }, _hre, downloads) =>
  solcVersion === version
    ? {
        compilerPath: require.resolve('solc/soljson.js'),
        isSolcJs: true,
        version,
        longVersion: require('solc').version(),
      }
    : downloads(),
);

module.exports = {
  solidity: {
    version,
    // As the chain's own contracts are compiled: the same code must come out.
    settings: {
      evmVersion: 'cancun',
      optimizer: { enabled: true, runs: 200 },
      metadata: { bytecodeHash: 'none', appendCBOR: false },
    },
  },
  defaultNetwork: 'lucid',
  networks: {
    lucid: {
      url: process.env.LUCID_RPC_URL ?? 'http://127.0.0.1:8545',
      accounts: (process.env.LUCID_RPC_ACCOUNTS ?? '').split(',').filter(Boolean),
    },
  },
};

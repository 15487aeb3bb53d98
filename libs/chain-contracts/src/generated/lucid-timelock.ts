// Written by tools/compile-contracts.mjs from contracts/LucidTimelock.sol.
import type { Hex } from '../artifact.ts';

export const lucidTimelock = {
  contractName: 'LucidTimelock',
  sourceName: 'contracts/LucidTimelock.sol',
  compiler: '0.8.37+commit.f401782d.Emscripten.clang',
  sourceHash: 'dcbd66415366b5cdd910c6da7a704c280e997d4cce1ad460f3b0b3786c385e1f',
  abi: [
    {
      inputs: [
        {
          internalType: 'address',
          name: 'governor',
          type: 'address',
        },
      ],
      stateMutability: 'nonpayable',
      type: 'constructor',
    },
    {
      inputs: [],
      name: 'AccessControlBadConfirmation',
      type: 'error',
    },
    {
      inputs: [
        {
          internalType: 'address',
          name: 'account',
          type: 'address',
        },
        {
          internalType: 'bytes32',
          name: 'neededRole',
          type: 'bytes32',
        },
      ],
      name: 'AccessControlUnauthorizedAccount',
      type: 'error',
    },
    {
      inputs: [],
      name: 'DelaysAreInParamRegistry',
      type: 'error',
    },
    {
      inputs: [],
      name: 'FailedCall',
      type: 'error',
    },
    {
      inputs: [
        {
          internalType: 'uint256',
          name: 'delay',
          type: 'uint256',
        },
        {
          internalType: 'uint256',
          name: 'minDelay',
          type: 'uint256',
        },
      ],
      name: 'TimelockInsufficientDelay',
      type: 'error',
    },
    {
      inputs: [
        {
          internalType: 'uint256',
          name: 'targets',
          type: 'uint256',
        },
        {
          internalType: 'uint256',
          name: 'payloads',
          type: 'uint256',
        },
        {
          internalType: 'uint256',
          name: 'values',
          type: 'uint256',
        },
      ],
      name: 'TimelockInvalidOperationLength',
      type: 'error',
    },
    {
      inputs: [
        {
          internalType: 'address',
          name: 'caller',
          type: 'address',
        },
      ],
      name: 'TimelockUnauthorizedCaller',
      type: 'error',
    },
    {
      inputs: [
        {
          internalType: 'bytes32',
          name: 'predecessorId',
          type: 'bytes32',
        },
      ],
      name: 'TimelockUnexecutedPredecessor',
      type: 'error',
    },
    {
      inputs: [
        {
          internalType: 'bytes32',
          name: 'operationId',
          type: 'bytes32',
        },
        {
          internalType: 'bytes32',
          name: 'expectedStates',
          type: 'bytes32',
        },
      ],
      name: 'TimelockUnexpectedOperationState',
      type: 'error',
    },
    {
      inputs: [],
      name: 'ZeroGovernor',
      type: 'error',
    },
    {
      anonymous: false,
      inputs: [
        {
          indexed: true,
          internalType: 'bytes32',
          name: 'id',
          type: 'bytes32',
        },
        {
          indexed: true,
          internalType: 'uint256',
          name: 'index',
          type: 'uint256',
        },
        {
          indexed: false,
          internalType: 'address',
          name: 'target',
          type: 'address',
        },
        {
          indexed: false,
          internalType: 'uint256',
          name: 'value',
          type: 'uint256',
        },
        {
          indexed: false,
          internalType: 'bytes',
          name: 'data',
          type: 'bytes',
        },
      ],
      name: 'CallExecuted',
      type: 'event',
    },
    {
      anonymous: false,
      inputs: [
        {
          indexed: true,
          internalType: 'bytes32',
          name: 'id',
          type: 'bytes32',
        },
        {
          indexed: false,
          internalType: 'bytes32',
          name: 'salt',
          type: 'bytes32',
        },
      ],
      name: 'CallSalt',
      type: 'event',
    },
    {
      anonymous: false,
      inputs: [
        {
          indexed: true,
          internalType: 'bytes32',
          name: 'id',
          type: 'bytes32',
        },
        {
          indexed: true,
          internalType: 'uint256',
          name: 'index',
          type: 'uint256',
        },
        {
          indexed: false,
          internalType: 'address',
          name: 'target',
          type: 'address',
        },
        {
          indexed: false,
          internalType: 'uint256',
          name: 'value',
          type: 'uint256',
        },
        {
          indexed: false,
          internalType: 'bytes',
          name: 'data',
          type: 'bytes',
        },
        {
          indexed: false,
          internalType: 'bytes32',
          name: 'predecessor',
          type: 'bytes32',
        },
        {
          indexed: false,
          internalType: 'uint256',
          name: 'delay',
          type: 'uint256',
        },
      ],
      name: 'CallScheduled',
      type: 'event',
    },
    {
      anonymous: false,
      inputs: [
        {
          indexed: true,
          internalType: 'bytes32',
          name: 'id',
          type: 'bytes32',
        },
      ],
      name: 'Cancelled',
      type: 'event',
    },
    {
      anonymous: false,
      inputs: [
        {
          indexed: false,
          internalType: 'uint256',
          name: 'oldDuration',
          type: 'uint256',
        },
        {
          indexed: false,
          internalType: 'uint256',
          name: 'newDuration',
          type: 'uint256',
        },
      ],
      name: 'MinDelayChange',
      type: 'event',
    },
    {
      anonymous: false,
      inputs: [
        {
          indexed: true,
          internalType: 'bytes32',
          name: 'role',
          type: 'bytes32',
        },
        {
          indexed: true,
          internalType: 'bytes32',
          name: 'previousAdminRole',
          type: 'bytes32',
        },
        {
          indexed: true,
          internalType: 'bytes32',
          name: 'newAdminRole',
          type: 'bytes32',
        },
      ],
      name: 'RoleAdminChanged',
      type: 'event',
    },
    {
      anonymous: false,
      inputs: [
        {
          indexed: true,
          internalType: 'bytes32',
          name: 'role',
          type: 'bytes32',
        },
        {
          indexed: true,
          internalType: 'address',
          name: 'account',
          type: 'address',
        },
        {
          indexed: true,
          internalType: 'address',
          name: 'sender',
          type: 'address',
        },
      ],
      name: 'RoleGranted',
      type: 'event',
    },
    {
      anonymous: false,
      inputs: [
        {
          indexed: true,
          internalType: 'bytes32',
          name: 'role',
          type: 'bytes32',
        },
        {
          indexed: true,
          internalType: 'address',
          name: 'account',
          type: 'address',
        },
        {
          indexed: true,
          internalType: 'address',
          name: 'sender',
          type: 'address',
        },
      ],
      name: 'RoleRevoked',
      type: 'event',
    },
    {
      inputs: [],
      name: 'CANCELLER_ROLE',
      outputs: [
        {
          internalType: 'bytes32',
          name: '',
          type: 'bytes32',
        },
      ],
      stateMutability: 'view',
      type: 'function',
    },
    {
      inputs: [],
      name: 'DEFAULT_ADMIN_ROLE',
      outputs: [
        {
          internalType: 'bytes32',
          name: '',
          type: 'bytes32',
        },
      ],
      stateMutability: 'view',
      type: 'function',
    },
    {
      inputs: [],
      name: 'EXECUTOR_ROLE',
      outputs: [
        {
          internalType: 'bytes32',
          name: '',
          type: 'bytes32',
        },
      ],
      stateMutability: 'view',
      type: 'function',
    },
    {
      inputs: [],
      name: 'PROPOSER_ROLE',
      outputs: [
        {
          internalType: 'bytes32',
          name: '',
          type: 'bytes32',
        },
      ],
      stateMutability: 'view',
      type: 'function',
    },
    {
      inputs: [
        {
          internalType: 'bytes32',
          name: 'id',
          type: 'bytes32',
        },
      ],
      name: 'cancel',
      outputs: [],
      stateMutability: 'nonpayable',
      type: 'function',
    },
    {
      inputs: [
        {
          internalType: 'address',
          name: 'target',
          type: 'address',
        },
        {
          internalType: 'uint256',
          name: 'value',
          type: 'uint256',
        },
        {
          internalType: 'bytes',
          name: 'payload',
          type: 'bytes',
        },
        {
          internalType: 'bytes32',
          name: 'predecessor',
          type: 'bytes32',
        },
        {
          internalType: 'bytes32',
          name: 'salt',
          type: 'bytes32',
        },
      ],
      name: 'execute',
      outputs: [],
      stateMutability: 'payable',
      type: 'function',
    },
    {
      inputs: [
        {
          internalType: 'address[]',
          name: 'targets',
          type: 'address[]',
        },
        {
          internalType: 'uint256[]',
          name: 'values',
          type: 'uint256[]',
        },
        {
          internalType: 'bytes[]',
          name: 'payloads',
          type: 'bytes[]',
        },
        {
          internalType: 'bytes32',
          name: 'predecessor',
          type: 'bytes32',
        },
        {
          internalType: 'bytes32',
          name: 'salt',
          type: 'bytes32',
        },
      ],
      name: 'executeBatch',
      outputs: [],
      stateMutability: 'payable',
      type: 'function',
    },
    {
      inputs: [],
      name: 'getMinDelay',
      outputs: [
        {
          internalType: 'uint256',
          name: '',
          type: 'uint256',
        },
      ],
      stateMutability: 'view',
      type: 'function',
    },
    {
      inputs: [
        {
          internalType: 'bytes32',
          name: 'id',
          type: 'bytes32',
        },
      ],
      name: 'getOperationState',
      outputs: [
        {
          internalType: 'enum TimelockController.OperationState',
          name: '',
          type: 'uint8',
        },
      ],
      stateMutability: 'view',
      type: 'function',
    },
    {
      inputs: [
        {
          internalType: 'bytes32',
          name: 'role',
          type: 'bytes32',
        },
      ],
      name: 'getRoleAdmin',
      outputs: [
        {
          internalType: 'bytes32',
          name: '',
          type: 'bytes32',
        },
      ],
      stateMutability: 'view',
      type: 'function',
    },
    {
      inputs: [
        {
          internalType: 'bytes32',
          name: 'id',
          type: 'bytes32',
        },
      ],
      name: 'getTimestamp',
      outputs: [
        {
          internalType: 'uint256',
          name: '',
          type: 'uint256',
        },
      ],
      stateMutability: 'view',
      type: 'function',
    },
    {
      inputs: [
        {
          internalType: 'bytes32',
          name: 'role',
          type: 'bytes32',
        },
        {
          internalType: 'address',
          name: 'account',
          type: 'address',
        },
      ],
      name: 'grantRole',
      outputs: [],
      stateMutability: 'nonpayable',
      type: 'function',
    },
    {
      inputs: [
        {
          internalType: 'bytes32',
          name: 'role',
          type: 'bytes32',
        },
        {
          internalType: 'address',
          name: 'account',
          type: 'address',
        },
      ],
      name: 'hasRole',
      outputs: [
        {
          internalType: 'bool',
          name: '',
          type: 'bool',
        },
      ],
      stateMutability: 'view',
      type: 'function',
    },
    {
      inputs: [
        {
          internalType: 'address',
          name: 'target',
          type: 'address',
        },
        {
          internalType: 'uint256',
          name: 'value',
          type: 'uint256',
        },
        {
          internalType: 'bytes',
          name: 'data',
          type: 'bytes',
        },
        {
          internalType: 'bytes32',
          name: 'predecessor',
          type: 'bytes32',
        },
        {
          internalType: 'bytes32',
          name: 'salt',
          type: 'bytes32',
        },
      ],
      name: 'hashOperation',
      outputs: [
        {
          internalType: 'bytes32',
          name: '',
          type: 'bytes32',
        },
      ],
      stateMutability: 'pure',
      type: 'function',
    },
    {
      inputs: [
        {
          internalType: 'address[]',
          name: 'targets',
          type: 'address[]',
        },
        {
          internalType: 'uint256[]',
          name: 'values',
          type: 'uint256[]',
        },
        {
          internalType: 'bytes[]',
          name: 'payloads',
          type: 'bytes[]',
        },
        {
          internalType: 'bytes32',
          name: 'predecessor',
          type: 'bytes32',
        },
        {
          internalType: 'bytes32',
          name: 'salt',
          type: 'bytes32',
        },
      ],
      name: 'hashOperationBatch',
      outputs: [
        {
          internalType: 'bytes32',
          name: '',
          type: 'bytes32',
        },
      ],
      stateMutability: 'pure',
      type: 'function',
    },
    {
      inputs: [
        {
          internalType: 'bytes32',
          name: 'id',
          type: 'bytes32',
        },
      ],
      name: 'isOperation',
      outputs: [
        {
          internalType: 'bool',
          name: '',
          type: 'bool',
        },
      ],
      stateMutability: 'view',
      type: 'function',
    },
    {
      inputs: [
        {
          internalType: 'bytes32',
          name: 'id',
          type: 'bytes32',
        },
      ],
      name: 'isOperationDone',
      outputs: [
        {
          internalType: 'bool',
          name: '',
          type: 'bool',
        },
      ],
      stateMutability: 'view',
      type: 'function',
    },
    {
      inputs: [
        {
          internalType: 'bytes32',
          name: 'id',
          type: 'bytes32',
        },
      ],
      name: 'isOperationPending',
      outputs: [
        {
          internalType: 'bool',
          name: '',
          type: 'bool',
        },
      ],
      stateMutability: 'view',
      type: 'function',
    },
    {
      inputs: [
        {
          internalType: 'bytes32',
          name: 'id',
          type: 'bytes32',
        },
      ],
      name: 'isOperationReady',
      outputs: [
        {
          internalType: 'bool',
          name: '',
          type: 'bool',
        },
      ],
      stateMutability: 'view',
      type: 'function',
    },
    {
      inputs: [
        {
          internalType: 'address',
          name: '',
          type: 'address',
        },
        {
          internalType: 'address',
          name: '',
          type: 'address',
        },
        {
          internalType: 'uint256[]',
          name: '',
          type: 'uint256[]',
        },
        {
          internalType: 'uint256[]',
          name: '',
          type: 'uint256[]',
        },
        {
          internalType: 'bytes',
          name: '',
          type: 'bytes',
        },
      ],
      name: 'onERC1155BatchReceived',
      outputs: [
        {
          internalType: 'bytes4',
          name: '',
          type: 'bytes4',
        },
      ],
      stateMutability: 'nonpayable',
      type: 'function',
    },
    {
      inputs: [
        {
          internalType: 'address',
          name: '',
          type: 'address',
        },
        {
          internalType: 'address',
          name: '',
          type: 'address',
        },
        {
          internalType: 'uint256',
          name: '',
          type: 'uint256',
        },
        {
          internalType: 'uint256',
          name: '',
          type: 'uint256',
        },
        {
          internalType: 'bytes',
          name: '',
          type: 'bytes',
        },
      ],
      name: 'onERC1155Received',
      outputs: [
        {
          internalType: 'bytes4',
          name: '',
          type: 'bytes4',
        },
      ],
      stateMutability: 'nonpayable',
      type: 'function',
    },
    {
      inputs: [
        {
          internalType: 'address',
          name: '',
          type: 'address',
        },
        {
          internalType: 'address',
          name: '',
          type: 'address',
        },
        {
          internalType: 'uint256',
          name: '',
          type: 'uint256',
        },
        {
          internalType: 'bytes',
          name: '',
          type: 'bytes',
        },
      ],
      name: 'onERC721Received',
      outputs: [
        {
          internalType: 'bytes4',
          name: '',
          type: 'bytes4',
        },
      ],
      stateMutability: 'nonpayable',
      type: 'function',
    },
    {
      inputs: [
        {
          internalType: 'bytes32',
          name: 'role',
          type: 'bytes32',
        },
        {
          internalType: 'address',
          name: 'callerConfirmation',
          type: 'address',
        },
      ],
      name: 'renounceRole',
      outputs: [],
      stateMutability: 'nonpayable',
      type: 'function',
    },
    {
      inputs: [
        {
          internalType: 'bytes32',
          name: 'role',
          type: 'bytes32',
        },
        {
          internalType: 'address',
          name: 'account',
          type: 'address',
        },
      ],
      name: 'revokeRole',
      outputs: [],
      stateMutability: 'nonpayable',
      type: 'function',
    },
    {
      inputs: [
        {
          internalType: 'address',
          name: 'target',
          type: 'address',
        },
        {
          internalType: 'uint256',
          name: 'value',
          type: 'uint256',
        },
        {
          internalType: 'bytes',
          name: 'data',
          type: 'bytes',
        },
        {
          internalType: 'bytes32',
          name: 'predecessor',
          type: 'bytes32',
        },
        {
          internalType: 'bytes32',
          name: 'salt',
          type: 'bytes32',
        },
        {
          internalType: 'uint256',
          name: 'delay',
          type: 'uint256',
        },
      ],
      name: 'schedule',
      outputs: [],
      stateMutability: 'nonpayable',
      type: 'function',
    },
    {
      inputs: [
        {
          internalType: 'address[]',
          name: 'targets',
          type: 'address[]',
        },
        {
          internalType: 'uint256[]',
          name: 'values',
          type: 'uint256[]',
        },
        {
          internalType: 'bytes[]',
          name: 'payloads',
          type: 'bytes[]',
        },
        {
          internalType: 'bytes32',
          name: 'predecessor',
          type: 'bytes32',
        },
        {
          internalType: 'bytes32',
          name: 'salt',
          type: 'bytes32',
        },
        {
          internalType: 'uint256',
          name: 'delay',
          type: 'uint256',
        },
      ],
      name: 'scheduleBatch',
      outputs: [],
      stateMutability: 'nonpayable',
      type: 'function',
    },
    {
      inputs: [
        {
          internalType: 'bytes4',
          name: 'interfaceId',
          type: 'bytes4',
        },
      ],
      name: 'supportsInterface',
      outputs: [
        {
          internalType: 'bool',
          name: '',
          type: 'bool',
        },
      ],
      stateMutability: 'view',
      type: 'function',
    },
    {
      inputs: [
        {
          internalType: 'uint256',
          name: '',
          type: 'uint256',
        },
      ],
      name: 'updateDelay',
      outputs: [],
      stateMutability: 'pure',
      type: 'function',
    },
    {
      stateMutability: 'payable',
      type: 'receive',
    },
  ],
  bytecode:
    '0x608060405234801561000f575f5ffd5b50604051611c17380380611c1783398101604081905261002e916102ba565b5f61003882610190565b61004183610190565b5f61004c8130610211565b506001600160a01b03811615610068576100665f82610211565b505b5f5b83518110156100fc576100bc7fb09aa5aeb3702cfd50b6b62bc4532604938f21248a27a1d5ca736082b6819cc18583815181106100a9576100a96102e7565b602002602001015161021160201b60201c565b506100f37ffd643c72710c63c0180259aba6b2d05451e3591a24e58b62239378085726f7838583815181106100a9576100a96102e7565b5060010161006a565b505f5b82518110156101475761013e7fd8aa0f3194971a2a116679f7c2090f6939c8d4e01a2a8d7e41d55e5351469e638483815181106100a9576100a96102e7565b506001016100ff565b506002849055604080515f8152602081018690527f11c24f4ead16507c69ac467fbd5e4eed5fb5c699626d2cc6d66421df253886d5910160405180910390a150505050506102fb565b60606001600160a01b0382166101b957604051634363b55160e01b815260040160405180910390fd5b604080516001808252818301909252906020808301908036833701905050905081815f815181106101ec576101ec6102e7565b60200260200101906001600160a01b031690816001600160a01b031681525050919050565b5f828152602081815260408083206001600160a01b038516845290915281205460ff166102b1575f838152602081815260408083206001600160a01b03861684529091529020805460ff191660011790556102693390565b6001600160a01b0316826001600160a01b0316847f2f8788117e7eff1d82e926ec794901d17c78024a50270940304540a733656f0d60405160405180910390a45060016102b4565b505f5b92915050565b5f602082840312156102ca575f5ffd5b81516001600160a01b03811681146102e0575f5ffd5b9392505050565b634e487b7160e01b5f52603260045260245ffd5b61190f806103085f395ff3fe6080604052600436106101b2575f3560e01c80638065657f116100e7578063bc197c8111610087578063d547741f11610062578063d547741f14610546578063e38335e514610565578063f23a6e6114610578578063f27a0c92146105a3575f5ffd5b8063bc197c81146104d1578063c4d252f5146104fc578063d45c44351461051b575f5ffd5b806391d14854116100c257806391d148541461044d578063a217fddf1461046c578063b08e51c01461047f578063b1c5f427146104b2575f5ffd5b80638065657f146103dc5780638f2a0bb0146103fb5780638f61f4f51461041a575f5ffd5b80632ab0f5291161015257806336568abe1161012d57806336568abe14610353578063584b153e1461037257806364d62353146103915780637958004c146103b0575f5ffd5b80632ab0f529146102f65780632f2ff15d1461031557806331d5075014610334575f5ffd5b8063134008d31161018d578063134008d31461025357806313bc9f2014610266578063150b7a0214610285578063248a9ca3146102c8575f5ffd5b806301d5062a146101bd57806301ffc9a7146101de57806307bd026514610212575f5ffd5b366101b957005b5f5ffd5b3480156101c8575f5ffd5b506101dc6101d736600461110e565b6105b7565b005b3480156101e9575f5ffd5b506101fd6101f836600461117c565b61068b565b60405190151581526020015b60405180910390f35b34801561021d575f5ffd5b506102457fd8aa0f3194971a2a116679f7c2090f6939c8d4e01a2a8d7e41d55e5351469e6381565b604051908152602001610209565b6101dc6102613660046111a3565b61069b565b348015610271575f5ffd5b506101fd610280366004611209565b61074d565b348015610290575f5ffd5b506102af61029f3660046112cf565b630a85bd0160e11b949350505050565b6040516001600160e01b03199091168152602001610209565b3480156102d3575f5ffd5b506102456102e2366004611209565b5f9081526020819052604090206001015490565b348015610301575f5ffd5b506101fd610310366004611209565b610772565b348015610320575f5ffd5b506101dc61032f366004611332565b61077a565b34801561033f575f5ffd5b506101fd61034e366004611209565b6107a4565b34801561035e575f5ffd5b506101dc61036d366004611332565b6107c8565b34801561037d575f5ffd5b506101fd61038c366004611209565b610800565b34801561039c575f5ffd5b506101dc6103ab366004611209565b610845565b3480156103bb575f5ffd5b506103cf6103ca366004611209565b61085e565b6040516102099190611370565b3480156103e7575f5ffd5b506102456103f63660046111a3565b6108a6565b348015610406575f5ffd5b506101dc6104153660046113d6565b6108e4565b348015610425575f5ffd5b506102457fb09aa5aeb3702cfd50b6b62bc4532604938f21248a27a1d5ca736082b6819cc181565b348015610458575f5ffd5b506101fd610467366004611332565b610a75565b348015610477575f5ffd5b506102455f81565b34801561048a575f5ffd5b506102457ffd643c72710c63c0180259aba6b2d05451e3591a24e58b62239378085726f78381565b3480156104bd575f5ffd5b506102456104cc366004611488565b610a9d565b3480156104dc575f5ffd5b506102af6104eb3660046115b1565b63bc197c8160e01b95945050505050565b348015610507575f5ffd5b506101dc610516366004611209565b610ae1565b348015610526575f5ffd5b50610245610535366004611209565b5f9081526001602052604090205490565b348015610551575f5ffd5b506101dc610560366004611332565b610b8b565b6101dc610573366004611488565b610baf565b348015610583575f5ffd5b506102af61059236600461165d565b63f23a6e6160e01b95945050505050565b3480156105ae575f5ffd5b50600254610245565b7fb09aa5aeb3702cfd50b6b62bc4532604938f21248a27a1d5ca736082b6819cc16105e181610d30565b5f6105f08989898989896108a6565b90506105fc8184610d3d565b5f817f4cf4410cc57040e44862ef0f45f3dd5a5e02db8eb8add648d4b0e236f1d07dca8b8b8b8b8b8a604051610637969594939291906116d8565b60405180910390a3831561068057807f20fda5fd27a1ea7bf5b9567f143ac5470bb059374a27e8f67cb44f946f6d03878560405161067791815260200190565b60405180910390a25b505050505050505050565b5f61069582610dce565b92915050565b7fd8aa0f3194971a2a116679f7c2090f6939c8d4e01a2a8d7e41d55e5351469e636106c6815f610a75565b6106d4576106d48133610df2565b5f6106e38888888888886108a6565b90506106ef8185610e2f565b6106fb88888888610e7d565b5f817fc2617efa69bab66782fa219543714338489c4e9e178271560a91b82c3f612b588a8a8a8a6040516107329493929190611714565b60405180910390a361074381610ef1565b5050505050505050565b5f60025b61075a8361085e565b600381111561076b5761076b61135c565b1492915050565b5f6003610751565b5f8281526020819052604090206001015461079481610d30565b61079e8383610f1c565b50505050565b5f806107af8361085e565b60038111156107c0576107c061135c565b141592915050565b6001600160a01b03811633146107f15760405163334bd91960e11b815260040160405180910390fd5b6107fb8282610fab565b505050565b5f5f61080b8361085e565b905060018160038111156108215761082161135c565b148061083e5750600281600381111561083c5761083c61135c565b145b9392505050565b6040516311f1e24160e01b815260040160405180910390fd5b5f81815260016020526040812054805f0361087b57505f92915050565b6001810361088c5750600392915050565b4281111561089d5750600192915050565b50600292915050565b5f8686868686866040516020016108c2969594939291906116d8565b6040516020818303038152906040528051906020012090509695505050505050565b7fb09aa5aeb3702cfd50b6b62bc4532604938f21248a27a1d5ca736082b6819cc161090e81610d30565b888714158061091d5750888514155b15610954576040516001624fcdef60e01b03198152600481018a905260248101869052604481018890526064015b60405180910390fd5b5f6109658b8b8b8b8b8b8b8b610a9d565b90506109718184610d3d565b5f5b8a811015610a265780827f4cf4410cc57040e44862ef0f45f3dd5a5e02db8eb8add648d4b0e236f1d07dca8e8e858181106109b0576109b061173b565b90506020020160208101906109c5919061174f565b8d8d868181106109d7576109d761173b565b905060200201358c8c878181106109f0576109f061173b565b9050602002810190610a029190611768565b8c8b604051610a16969594939291906116d8565b60405180910390a3600101610973565b508315610a6857807f20fda5fd27a1ea7bf5b9567f143ac5470bb059374a27e8f67cb44f946f6d038785604051610a5f91815260200190565b60405180910390a25b5050505050505050505050565b5f918252602082815260408084206001600160a01b0393909316845291905290205460ff1690565b5f8888888888888888604051602001610abd989796959493929190611842565b60405160208183030381529060405280519060200120905098975050505050505050565b7ffd643c72710c63c0180259aba6b2d05451e3591a24e58b62239378085726f783610b0b81610d30565b610b1482610800565b610b505781610b236002611014565b610b2d6001611014565b604051635ead8eb560e01b8152600481019390935217602482015260440161094b565b5f828152600160205260408082208290555183917fbaa1eb22f2a492ba1a5fea61b8df4d27c6c8b5f3971e63bb58fa14ff72eedb7091a25050565b5f82815260208190526040902060010154610ba581610d30565b61079e8383610fab565b7fd8aa0f3194971a2a116679f7c2090f6939c8d4e01a2a8d7e41d55e5351469e63610bda815f610a75565b610be857610be88133610df2565b8786141580610bf75750878414155b15610c29576040516001624fcdef60e01b0319815260048101899052602481018590526044810187905260640161094b565b5f610c3a8a8a8a8a8a8a8a8a610a9d565b9050610c468185610e2f565b5f5b89811015610d1a575f8b8b83818110610c6357610c6361173b565b9050602002016020810190610c78919061174f565b90505f8a8a84818110610c8d57610c8d61173b565b905060200201359050365f8a8a86818110610caa57610caa61173b565b9050602002810190610cbc9190611768565b91509150610ccc84848484610e7d565b84867fc2617efa69bab66782fa219543714338489c4e9e178271560a91b82c3f612b5886868686604051610d039493929190611714565b60405180910390a350505050806001019050610c48565b50610d2481610ef1565b50505050505050505050565b610d3a8133610df2565b50565b610d46826107a4565b15610d775781610d555f611014565b604051635ead8eb560e01b81526004810192909252602482015260440161094b565b5f610d8160025490565b905080821015610dae57604051635433660960e01b8152600481018390526024810182905260440161094b565b610db882426118e1565b5f93845260016020526040909320929092555050565b5f6001600160e01b03198216630271189760e51b1480610695575061069582611036565b610dfc8282610a75565b610e2b5760405163e2517d3f60e01b81526001600160a01b03821660048201526024810183905260440161094b565b5050565b610e388261074d565b610e475781610d556002611014565b8015801590610e5c5750610e5a81610772565b155b15610e2b5760405163121534c360e31b81526004810182905260240161094b565b5f5f856001600160a01b0316858585604051610e9a929190611900565b5f6040518083038185875af1925050503d805f8114610ed4576040519150601f19603f3d011682016040523d82523d5f602084013e610ed9565b606091505b5091509150610ee8828261106a565b50505050505050565b610efa8161074d565b610f095780610d556002611014565b5f90815260016020819052604090912055565b5f610f278383610a75565b610fa4575f838152602081815260408083206001600160a01b03861684529091529020805460ff19166001179055610f5c3390565b6001600160a01b0316826001600160a01b0316847f2f8788117e7eff1d82e926ec794901d17c78024a50270940304540a733656f0d60405160405180910390a4506001610695565b505f610695565b5f610fb68383610a75565b15610fa4575f838152602081815260408083206001600160a01b0386168085529252808320805460ff1916905551339286917ff6391f5c32d9c69d2a47ea670b442974b53935d1edc7fd64eb21e047a839171b9190a4506001610695565b5f8160038111156110275761102761135c565b600160ff919091161b92915050565b5f6001600160e01b03198216637965db0b60e01b148061069557506301ffc9a760e01b6001600160e01b0319831614610695565b60608215611079575080610695565b81511561108e57611089826110a7565b610695565b60405163d6bda27560e01b815260040160405180910390fd5b805160208201fd5b80356001600160a01b03811681146110c5575f5ffd5b919050565b5f5f83601f8401126110da575f5ffd5b5081356001600160401b038111156110f0575f5ffd5b602083019150836020828501011115611107575f5ffd5b9250929050565b5f5f5f5f5f5f5f60c0888a031215611124575f5ffd5b61112d886110af565b96506020880135955060408801356001600160401b0381111561114e575f5ffd5b61115a8a828b016110ca565b989b979a50986060810135976080820135975060a09091013595509350505050565b5f6020828403121561118c575f5ffd5b81356001600160e01b03198116811461083e575f5ffd5b5f5f5f5f5f5f60a087890312156111b8575f5ffd5b6111c1876110af565b95506020870135945060408701356001600160401b038111156111e2575f5ffd5b6111ee89828a016110ca565b979a9699509760608101359660809091013595509350505050565b5f60208284031215611219575f5ffd5b5035919050565b634e487b7160e01b5f52604160045260245ffd5b604051601f8201601f191681016001600160401b038111828210171561125c5761125c611220565b604052919050565b5f82601f830112611273575f5ffd5b81356001600160401b0381111561128c5761128c611220565b61129f601f8201601f1916602001611234565b8181528460208386010111156112b3575f5ffd5b816020850160208301375f918101602001919091529392505050565b5f5f5f5f608085870312156112e2575f5ffd5b6112eb856110af565b93506112f9602086016110af565b92506040850135915060608501356001600160401b0381111561131a575f5ffd5b61132687828801611264565b91505092959194509250565b5f5f60408385031215611343575f5ffd5b82359150611353602084016110af565b90509250929050565b634e487b7160e01b5f52602160045260245ffd5b602081016004831061139057634e487b7160e01b5f52602160045260245ffd5b91905290565b5f5f83601f8401126113a6575f5ffd5b5081356001600160401b038111156113bc575f5ffd5b6020830191508360208260051b8501011115611107575f5ffd5b5f5f5f5f5f5f5f5f5f60c08a8c0312156113ee575f5ffd5b89356001600160401b03811115611403575f5ffd5b61140f8c828d01611396565b909a5098505060208a01356001600160401b0381111561142d575f5ffd5b6114398c828d01611396565b90985096505060408a01356001600160401b03811115611457575f5ffd5b6114638c828d01611396565b9a9d999c50979a969997986060880135976080810135975060a0013595509350505050565b5f5f5f5f5f5f5f5f60a0898b03121561149f575f5ffd5b88356001600160401b038111156114b4575f5ffd5b6114c08b828c01611396565b90995097505060208901356001600160401b038111156114de575f5ffd5b6114ea8b828c01611396565b90975095505060408901356001600160401b03811115611508575f5ffd5b6115148b828c01611396565b999c989b509699959896976060870135966080013595509350505050565b5f82601f830112611541575f5ffd5b81356001600160401b0381111561155a5761155a611220565b8060051b61156a60208201611234565b91825260208185018101929081019086841115611585575f5ffd5b6020860192505b838310156115a757823582526020928301929091019061158c565b9695505050505050565b5f5f5f5f5f60a086880312156115c5575f5ffd5b6115ce866110af565b94506115dc602087016110af565b935060408601356001600160401b038111156115f6575f5ffd5b61160288828901611532565b93505060608601356001600160401b0381111561161d575f5ffd5b61162988828901611532565b92505060808601356001600160401b03811115611644575f5ffd5b61165088828901611264565b9150509295509295909350565b5f5f5f5f5f60a08688031215611671575f5ffd5b61167a866110af565b9450611688602087016110af565b9350604086013592506060860135915060808601356001600160401b03811115611644575f5ffd5b81835281816020850137505f828201602090810191909152601f909101601f19169091010190565b60018060a01b038716815285602082015260a060408201525f6116ff60a0830186886116b0565b60608301949094525060800152949350505050565b60018060a01b0385168152836020820152606060408201525f6115a76060830184866116b0565b634e487b7160e01b5f52603260045260245ffd5b5f6020828403121561175f575f5ffd5b61083e826110af565b5f5f8335601e1984360301811261177d575f5ffd5b8301803591506001600160401b03821115611796575f5ffd5b602001915036819003821315611107575f5ffd5b5f8383855260208501945060208460051b820101835f601e19863603015b8782101561183557848403601f1901895282358181126117e6575f5ffd5b87016020810190356001600160401b03811115611801575f5ffd5b80360382131561180f575f5ffd5b61181a8682846116b0565b955050506020830192506020890198506001820191506117c8565b5091979650505050505050565b60a080825281018890525f8960c08301825b8b811015611882576001600160a01b0361186d846110af565b16825260209283019290910190600101611854565b5083810360208501528881526001600160fb1b038911156118a1575f5ffd5b8860051b9150818a602083013701828103602090810160408501526118c990820187896117aa565b60608401959095525050608001529695505050505050565b8082018082111561069557634e487b7160e01b5f52601160045260245ffd5b818382375f910190815291905056' as Hex,
  deployedBytecode:
    '0x6080604052600436106101b2575f3560e01c80638065657f116100e7578063bc197c8111610087578063d547741f11610062578063d547741f14610546578063e38335e514610565578063f23a6e6114610578578063f27a0c92146105a3575f5ffd5b8063bc197c81146104d1578063c4d252f5146104fc578063d45c44351461051b575f5ffd5b806391d14854116100c257806391d148541461044d578063a217fddf1461046c578063b08e51c01461047f578063b1c5f427146104b2575f5ffd5b80638065657f146103dc5780638f2a0bb0146103fb5780638f61f4f51461041a575f5ffd5b80632ab0f5291161015257806336568abe1161012d57806336568abe14610353578063584b153e1461037257806364d62353146103915780637958004c146103b0575f5ffd5b80632ab0f529146102f65780632f2ff15d1461031557806331d5075014610334575f5ffd5b8063134008d31161018d578063134008d31461025357806313bc9f2014610266578063150b7a0214610285578063248a9ca3146102c8575f5ffd5b806301d5062a146101bd57806301ffc9a7146101de57806307bd026514610212575f5ffd5b366101b957005b5f5ffd5b3480156101c8575f5ffd5b506101dc6101d736600461110e565b6105b7565b005b3480156101e9575f5ffd5b506101fd6101f836600461117c565b61068b565b60405190151581526020015b60405180910390f35b34801561021d575f5ffd5b506102457fd8aa0f3194971a2a116679f7c2090f6939c8d4e01a2a8d7e41d55e5351469e6381565b604051908152602001610209565b6101dc6102613660046111a3565b61069b565b348015610271575f5ffd5b506101fd610280366004611209565b61074d565b348015610290575f5ffd5b506102af61029f3660046112cf565b630a85bd0160e11b949350505050565b6040516001600160e01b03199091168152602001610209565b3480156102d3575f5ffd5b506102456102e2366004611209565b5f9081526020819052604090206001015490565b348015610301575f5ffd5b506101fd610310366004611209565b610772565b348015610320575f5ffd5b506101dc61032f366004611332565b61077a565b34801561033f575f5ffd5b506101fd61034e366004611209565b6107a4565b34801561035e575f5ffd5b506101dc61036d366004611332565b6107c8565b34801561037d575f5ffd5b506101fd61038c366004611209565b610800565b34801561039c575f5ffd5b506101dc6103ab366004611209565b610845565b3480156103bb575f5ffd5b506103cf6103ca366004611209565b61085e565b6040516102099190611370565b3480156103e7575f5ffd5b506102456103f63660046111a3565b6108a6565b348015610406575f5ffd5b506101dc6104153660046113d6565b6108e4565b348015610425575f5ffd5b506102457fb09aa5aeb3702cfd50b6b62bc4532604938f21248a27a1d5ca736082b6819cc181565b348015610458575f5ffd5b506101fd610467366004611332565b610a75565b348015610477575f5ffd5b506102455f81565b34801561048a575f5ffd5b506102457ffd643c72710c63c0180259aba6b2d05451e3591a24e58b62239378085726f78381565b3480156104bd575f5ffd5b506102456104cc366004611488565b610a9d565b3480156104dc575f5ffd5b506102af6104eb3660046115b1565b63bc197c8160e01b95945050505050565b348015610507575f5ffd5b506101dc610516366004611209565b610ae1565b348015610526575f5ffd5b50610245610535366004611209565b5f9081526001602052604090205490565b348015610551575f5ffd5b506101dc610560366004611332565b610b8b565b6101dc610573366004611488565b610baf565b348015610583575f5ffd5b506102af61059236600461165d565b63f23a6e6160e01b95945050505050565b3480156105ae575f5ffd5b50600254610245565b7fb09aa5aeb3702cfd50b6b62bc4532604938f21248a27a1d5ca736082b6819cc16105e181610d30565b5f6105f08989898989896108a6565b90506105fc8184610d3d565b5f817f4cf4410cc57040e44862ef0f45f3dd5a5e02db8eb8add648d4b0e236f1d07dca8b8b8b8b8b8a604051610637969594939291906116d8565b60405180910390a3831561068057807f20fda5fd27a1ea7bf5b9567f143ac5470bb059374a27e8f67cb44f946f6d03878560405161067791815260200190565b60405180910390a25b505050505050505050565b5f61069582610dce565b92915050565b7fd8aa0f3194971a2a116679f7c2090f6939c8d4e01a2a8d7e41d55e5351469e636106c6815f610a75565b6106d4576106d48133610df2565b5f6106e38888888888886108a6565b90506106ef8185610e2f565b6106fb88888888610e7d565b5f817fc2617efa69bab66782fa219543714338489c4e9e178271560a91b82c3f612b588a8a8a8a6040516107329493929190611714565b60405180910390a361074381610ef1565b5050505050505050565b5f60025b61075a8361085e565b600381111561076b5761076b61135c565b1492915050565b5f6003610751565b5f8281526020819052604090206001015461079481610d30565b61079e8383610f1c565b50505050565b5f806107af8361085e565b60038111156107c0576107c061135c565b141592915050565b6001600160a01b03811633146107f15760405163334bd91960e11b815260040160405180910390fd5b6107fb8282610fab565b505050565b5f5f61080b8361085e565b905060018160038111156108215761082161135c565b148061083e5750600281600381111561083c5761083c61135c565b145b9392505050565b6040516311f1e24160e01b815260040160405180910390fd5b5f81815260016020526040812054805f0361087b57505f92915050565b6001810361088c5750600392915050565b4281111561089d5750600192915050565b50600292915050565b5f8686868686866040516020016108c2969594939291906116d8565b6040516020818303038152906040528051906020012090509695505050505050565b7fb09aa5aeb3702cfd50b6b62bc4532604938f21248a27a1d5ca736082b6819cc161090e81610d30565b888714158061091d5750888514155b15610954576040516001624fcdef60e01b03198152600481018a905260248101869052604481018890526064015b60405180910390fd5b5f6109658b8b8b8b8b8b8b8b610a9d565b90506109718184610d3d565b5f5b8a811015610a265780827f4cf4410cc57040e44862ef0f45f3dd5a5e02db8eb8add648d4b0e236f1d07dca8e8e858181106109b0576109b061173b565b90506020020160208101906109c5919061174f565b8d8d868181106109d7576109d761173b565b905060200201358c8c878181106109f0576109f061173b565b9050602002810190610a029190611768565b8c8b604051610a16969594939291906116d8565b60405180910390a3600101610973565b508315610a6857807f20fda5fd27a1ea7bf5b9567f143ac5470bb059374a27e8f67cb44f946f6d038785604051610a5f91815260200190565b60405180910390a25b5050505050505050505050565b5f918252602082815260408084206001600160a01b0393909316845291905290205460ff1690565b5f8888888888888888604051602001610abd989796959493929190611842565b60405160208183030381529060405280519060200120905098975050505050505050565b7ffd643c72710c63c0180259aba6b2d05451e3591a24e58b62239378085726f783610b0b81610d30565b610b1482610800565b610b505781610b236002611014565b610b2d6001611014565b604051635ead8eb560e01b8152600481019390935217602482015260440161094b565b5f828152600160205260408082208290555183917fbaa1eb22f2a492ba1a5fea61b8df4d27c6c8b5f3971e63bb58fa14ff72eedb7091a25050565b5f82815260208190526040902060010154610ba581610d30565b61079e8383610fab565b7fd8aa0f3194971a2a116679f7c2090f6939c8d4e01a2a8d7e41d55e5351469e63610bda815f610a75565b610be857610be88133610df2565b8786141580610bf75750878414155b15610c29576040516001624fcdef60e01b0319815260048101899052602481018590526044810187905260640161094b565b5f610c3a8a8a8a8a8a8a8a8a610a9d565b9050610c468185610e2f565b5f5b89811015610d1a575f8b8b83818110610c6357610c6361173b565b9050602002016020810190610c78919061174f565b90505f8a8a84818110610c8d57610c8d61173b565b905060200201359050365f8a8a86818110610caa57610caa61173b565b9050602002810190610cbc9190611768565b91509150610ccc84848484610e7d565b84867fc2617efa69bab66782fa219543714338489c4e9e178271560a91b82c3f612b5886868686604051610d039493929190611714565b60405180910390a350505050806001019050610c48565b50610d2481610ef1565b50505050505050505050565b610d3a8133610df2565b50565b610d46826107a4565b15610d775781610d555f611014565b604051635ead8eb560e01b81526004810192909252602482015260440161094b565b5f610d8160025490565b905080821015610dae57604051635433660960e01b8152600481018390526024810182905260440161094b565b610db882426118e1565b5f93845260016020526040909320929092555050565b5f6001600160e01b03198216630271189760e51b1480610695575061069582611036565b610dfc8282610a75565b610e2b5760405163e2517d3f60e01b81526001600160a01b03821660048201526024810183905260440161094b565b5050565b610e388261074d565b610e475781610d556002611014565b8015801590610e5c5750610e5a81610772565b155b15610e2b5760405163121534c360e31b81526004810182905260240161094b565b5f5f856001600160a01b0316858585604051610e9a929190611900565b5f6040518083038185875af1925050503d805f8114610ed4576040519150601f19603f3d011682016040523d82523d5f602084013e610ed9565b606091505b5091509150610ee8828261106a565b50505050505050565b610efa8161074d565b610f095780610d556002611014565b5f90815260016020819052604090912055565b5f610f278383610a75565b610fa4575f838152602081815260408083206001600160a01b03861684529091529020805460ff19166001179055610f5c3390565b6001600160a01b0316826001600160a01b0316847f2f8788117e7eff1d82e926ec794901d17c78024a50270940304540a733656f0d60405160405180910390a4506001610695565b505f610695565b5f610fb68383610a75565b15610fa4575f838152602081815260408083206001600160a01b0386168085529252808320805460ff1916905551339286917ff6391f5c32d9c69d2a47ea670b442974b53935d1edc7fd64eb21e047a839171b9190a4506001610695565b5f8160038111156110275761102761135c565b600160ff919091161b92915050565b5f6001600160e01b03198216637965db0b60e01b148061069557506301ffc9a760e01b6001600160e01b0319831614610695565b60608215611079575080610695565b81511561108e57611089826110a7565b610695565b60405163d6bda27560e01b815260040160405180910390fd5b805160208201fd5b80356001600160a01b03811681146110c5575f5ffd5b919050565b5f5f83601f8401126110da575f5ffd5b5081356001600160401b038111156110f0575f5ffd5b602083019150836020828501011115611107575f5ffd5b9250929050565b5f5f5f5f5f5f5f60c0888a031215611124575f5ffd5b61112d886110af565b96506020880135955060408801356001600160401b0381111561114e575f5ffd5b61115a8a828b016110ca565b989b979a50986060810135976080820135975060a09091013595509350505050565b5f6020828403121561118c575f5ffd5b81356001600160e01b03198116811461083e575f5ffd5b5f5f5f5f5f5f60a087890312156111b8575f5ffd5b6111c1876110af565b95506020870135945060408701356001600160401b038111156111e2575f5ffd5b6111ee89828a016110ca565b979a9699509760608101359660809091013595509350505050565b5f60208284031215611219575f5ffd5b5035919050565b634e487b7160e01b5f52604160045260245ffd5b604051601f8201601f191681016001600160401b038111828210171561125c5761125c611220565b604052919050565b5f82601f830112611273575f5ffd5b81356001600160401b0381111561128c5761128c611220565b61129f601f8201601f1916602001611234565b8181528460208386010111156112b3575f5ffd5b816020850160208301375f918101602001919091529392505050565b5f5f5f5f608085870312156112e2575f5ffd5b6112eb856110af565b93506112f9602086016110af565b92506040850135915060608501356001600160401b0381111561131a575f5ffd5b61132687828801611264565b91505092959194509250565b5f5f60408385031215611343575f5ffd5b82359150611353602084016110af565b90509250929050565b634e487b7160e01b5f52602160045260245ffd5b602081016004831061139057634e487b7160e01b5f52602160045260245ffd5b91905290565b5f5f83601f8401126113a6575f5ffd5b5081356001600160401b038111156113bc575f5ffd5b6020830191508360208260051b8501011115611107575f5ffd5b5f5f5f5f5f5f5f5f5f60c08a8c0312156113ee575f5ffd5b89356001600160401b03811115611403575f5ffd5b61140f8c828d01611396565b909a5098505060208a01356001600160401b0381111561142d575f5ffd5b6114398c828d01611396565b90985096505060408a01356001600160401b03811115611457575f5ffd5b6114638c828d01611396565b9a9d999c50979a969997986060880135976080810135975060a0013595509350505050565b5f5f5f5f5f5f5f5f60a0898b03121561149f575f5ffd5b88356001600160401b038111156114b4575f5ffd5b6114c08b828c01611396565b90995097505060208901356001600160401b038111156114de575f5ffd5b6114ea8b828c01611396565b90975095505060408901356001600160401b03811115611508575f5ffd5b6115148b828c01611396565b999c989b509699959896976060870135966080013595509350505050565b5f82601f830112611541575f5ffd5b81356001600160401b0381111561155a5761155a611220565b8060051b61156a60208201611234565b91825260208185018101929081019086841115611585575f5ffd5b6020860192505b838310156115a757823582526020928301929091019061158c565b9695505050505050565b5f5f5f5f5f60a086880312156115c5575f5ffd5b6115ce866110af565b94506115dc602087016110af565b935060408601356001600160401b038111156115f6575f5ffd5b61160288828901611532565b93505060608601356001600160401b0381111561161d575f5ffd5b61162988828901611532565b92505060808601356001600160401b03811115611644575f5ffd5b61165088828901611264565b9150509295509295909350565b5f5f5f5f5f60a08688031215611671575f5ffd5b61167a866110af565b9450611688602087016110af565b9350604086013592506060860135915060808601356001600160401b03811115611644575f5ffd5b81835281816020850137505f828201602090810191909152601f909101601f19169091010190565b60018060a01b038716815285602082015260a060408201525f6116ff60a0830186886116b0565b60608301949094525060800152949350505050565b60018060a01b0385168152836020820152606060408201525f6115a76060830184866116b0565b634e487b7160e01b5f52603260045260245ffd5b5f6020828403121561175f575f5ffd5b61083e826110af565b5f5f8335601e1984360301811261177d575f5ffd5b8301803591506001600160401b03821115611796575f5ffd5b602001915036819003821315611107575f5ffd5b5f8383855260208501945060208460051b820101835f601e19863603015b8782101561183557848403601f1901895282358181126117e6575f5ffd5b87016020810190356001600160401b03811115611801575f5ffd5b80360382131561180f575f5ffd5b61181a8682846116b0565b955050506020830192506020890198506001820191506117c8565b5091979650505050505050565b60a080825281018890525f8960c08301825b8b811015611882576001600160a01b0361186d846110af565b16825260209283019290910190600101611854565b5083810360208501528881526001600160fb1b038911156118a1575f5ffd5b8860051b9150818a602083013701828103602090810160408501526118c990820187896117aa565b60608401959095525050608001529695505050505050565b8082018082111561069557634e487b7160e01b5f52601160045260245ffd5b818382375f910190815291905056' as Hex,
  immutableReferences: [],
  selectors: {
    'CANCELLER_ROLE()': '0xb08e51c0',
    'DEFAULT_ADMIN_ROLE()': '0xa217fddf',
    'EXECUTOR_ROLE()': '0x07bd0265',
    'PROPOSER_ROLE()': '0x8f61f4f5',
    'cancel(bytes32)': '0xc4d252f5',
    'execute(address,uint256,bytes,bytes32,bytes32)': '0x134008d3',
    'executeBatch(address[],uint256[],bytes[],bytes32,bytes32)': '0xe38335e5',
    'getMinDelay()': '0xf27a0c92',
    'getOperationState(bytes32)': '0x7958004c',
    'getRoleAdmin(bytes32)': '0x248a9ca3',
    'getTimestamp(bytes32)': '0xd45c4435',
    'grantRole(bytes32,address)': '0x2f2ff15d',
    'hasRole(bytes32,address)': '0x91d14854',
    'hashOperation(address,uint256,bytes,bytes32,bytes32)': '0x8065657f',
    'hashOperationBatch(address[],uint256[],bytes[],bytes32,bytes32)': '0xb1c5f427',
    'isOperation(bytes32)': '0x31d50750',
    'isOperationDone(bytes32)': '0x2ab0f529',
    'isOperationPending(bytes32)': '0x584b153e',
    'isOperationReady(bytes32)': '0x13bc9f20',
    'onERC1155BatchReceived(address,address,uint256[],uint256[],bytes)': '0xbc197c81',
    'onERC1155Received(address,address,uint256,uint256,bytes)': '0xf23a6e61',
    'onERC721Received(address,address,uint256,bytes)': '0x150b7a02',
    'renounceRole(bytes32,address)': '0x36568abe',
    'revokeRole(bytes32,address)': '0xd547741f',
    'schedule(address,uint256,bytes,bytes32,bytes32,uint256)': '0x01d5062a',
    'scheduleBatch(address[],uint256[],bytes[],bytes32,bytes32,uint256)': '0x8f2a0bb0',
    'supportsInterface(bytes4)': '0x01ffc9a7',
    'updateDelay(uint256)': '0x64d62353',
  },
  topics: {
    CallExecuted: '0xc2617efa69bab66782fa219543714338489c4e9e178271560a91b82c3f612b58',
    CallSalt: '0x20fda5fd27a1ea7bf5b9567f143ac5470bb059374a27e8f67cb44f946f6d0387',
    CallScheduled: '0x4cf4410cc57040e44862ef0f45f3dd5a5e02db8eb8add648d4b0e236f1d07dca',
    Cancelled: '0xbaa1eb22f2a492ba1a5fea61b8df4d27c6c8b5f3971e63bb58fa14ff72eedb70',
    MinDelayChange: '0x11c24f4ead16507c69ac467fbd5e4eed5fb5c699626d2cc6d66421df253886d5',
    RoleAdminChanged: '0xbd79b86ffe0ab8e8776151514217cd7cacd52c909f66475c3af44e129f0b00ff',
    RoleGranted: '0x2f8788117e7eff1d82e926ec794901d17c78024a50270940304540a733656f0d',
    RoleRevoked: '0xf6391f5c32d9c69d2a47ea670b442974b53935d1edc7fd64eb21e047a839171b',
  },
  errors: {
    AccessControlBadConfirmation: '0x6697b232',
    AccessControlUnauthorizedAccount: '0xe2517d3f',
    DelaysAreInParamRegistry: '0x11f1e241',
    FailedCall: '0xd6bda275',
    TimelockInsufficientDelay: '0x54336609',
    TimelockInvalidOperationLength: '0xffb03211',
    TimelockUnauthorizedCaller: '0xe2850c59',
    TimelockUnexecutedPredecessor: '0x90a9a618',
    TimelockUnexpectedOperationState: '0x5ead8eb5',
    ZeroGovernor: '0x4363b551',
  },
} as const;

// Written by tools/compile-contracts.mjs from contracts/LucidGovernor.sol.
import type { Hex } from '../artifact.ts';

export const lucidGovernor = {
  contractName: 'LucidGovernor',
  sourceName: 'contracts/LucidGovernor.sol',
  compiler: '0.8.37+commit.f401782d.Emscripten.clang',
  sourceHash: 'e6c8f586a86f15738ccd5bb46bbf1d0009a5e177b306c9ded12b5deb35ae8862',
  abi: [
    {
      inputs: [
        {
          internalType: 'contract LucidTimelock',
          name: 'timelock_',
          type: 'address',
        },
        {
          internalType: 'contract LucidNodes',
          name: 'nodes_',
          type: 'address',
        },
      ],
      stateMutability: 'nonpayable',
      type: 'constructor',
    },
    {
      inputs: [
        {
          internalType: 'uint256',
          name: 'action',
          type: 'uint256',
        },
        {
          internalType: 'enum LucidGovernor.Kind',
          name: 'kind',
          type: 'uint8',
        },
      ],
      name: 'ActionNeedsKind',
      type: 'error',
    },
    {
      inputs: [],
      name: 'ERC6372InconsistentClock',
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
          internalType: 'address',
          name: 'voter',
          type: 'address',
        },
      ],
      name: 'GovernorAlreadyCastVote',
      type: 'error',
    },
    {
      inputs: [
        {
          internalType: 'uint256',
          name: 'proposalId',
          type: 'uint256',
        },
      ],
      name: 'GovernorAlreadyQueuedProposal',
      type: 'error',
    },
    {
      inputs: [],
      name: 'GovernorDisabledDeposit',
      type: 'error',
    },
    {
      inputs: [
        {
          internalType: 'address',
          name: 'proposer',
          type: 'address',
        },
        {
          internalType: 'uint256',
          name: 'votes',
          type: 'uint256',
        },
        {
          internalType: 'uint256',
          name: 'threshold',
          type: 'uint256',
        },
      ],
      name: 'GovernorInsufficientProposerVotes',
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
          name: 'calldatas',
          type: 'uint256',
        },
        {
          internalType: 'uint256',
          name: 'values',
          type: 'uint256',
        },
      ],
      name: 'GovernorInvalidProposalLength',
      type: 'error',
    },
    {
      inputs: [
        {
          internalType: 'address',
          name: 'voter',
          type: 'address',
        },
      ],
      name: 'GovernorInvalidSignature',
      type: 'error',
    },
    {
      inputs: [],
      name: 'GovernorInvalidVoteParams',
      type: 'error',
    },
    {
      inputs: [],
      name: 'GovernorInvalidVoteType',
      type: 'error',
    },
    {
      inputs: [
        {
          internalType: 'uint256',
          name: 'votingPeriod',
          type: 'uint256',
        },
      ],
      name: 'GovernorInvalidVotingPeriod',
      type: 'error',
    },
    {
      inputs: [
        {
          internalType: 'uint256',
          name: 'proposalId',
          type: 'uint256',
        },
      ],
      name: 'GovernorNonexistentProposal',
      type: 'error',
    },
    {
      inputs: [
        {
          internalType: 'address',
          name: 'account',
          type: 'address',
        },
      ],
      name: 'GovernorOnlyExecutor',
      type: 'error',
    },
    {
      inputs: [
        {
          internalType: 'uint256',
          name: 'proposalId',
          type: 'uint256',
        },
      ],
      name: 'GovernorProposalQueueingFailed',
      type: 'error',
    },
    {
      inputs: [
        {
          internalType: 'uint256',
          name: 'proposalId',
          type: 'uint256',
        },
      ],
      name: 'GovernorProposalQueueingNotRequired',
      type: 'error',
    },
    {
      inputs: [
        {
          internalType: 'address',
          name: 'proposer',
          type: 'address',
        },
      ],
      name: 'GovernorRestrictedProposer',
      type: 'error',
    },
    {
      inputs: [
        {
          internalType: 'uint256',
          name: 'proposalId',
          type: 'uint256',
        },
        {
          internalType: 'address',
          name: 'account',
          type: 'address',
        },
      ],
      name: 'GovernorUnableToCancel',
      type: 'error',
    },
    {
      inputs: [
        {
          internalType: 'uint256',
          name: 'proposalId',
          type: 'uint256',
        },
        {
          internalType: 'enum IGovernor.ProposalState',
          name: 'current',
          type: 'uint8',
        },
        {
          internalType: 'bytes32',
          name: 'expectedStates',
          type: 'bytes32',
        },
      ],
      name: 'GovernorUnexpectedProposalState',
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
          internalType: 'uint256',
          name: 'currentNonce',
          type: 'uint256',
        },
      ],
      name: 'InvalidAccountNonce',
      type: 'error',
    },
    {
      inputs: [],
      name: 'InvalidShortString',
      type: 'error',
    },
    {
      inputs: [
        {
          internalType: 'address',
          name: 'node',
          type: 'address',
        },
      ],
      name: 'NodeNotEligible',
      type: 'error',
    },
    {
      inputs: [
        {
          internalType: 'address',
          name: 'proposer',
          type: 'address',
        },
      ],
      name: 'OnlyAdminsAreImmediate',
      type: 'error',
    },
    {
      inputs: [
        {
          internalType: 'uint8',
          name: 'bits',
          type: 'uint8',
        },
        {
          internalType: 'uint256',
          name: 'value',
          type: 'uint256',
        },
      ],
      name: 'SafeCastOverflowedUintDowncast',
      type: 'error',
    },
    {
      inputs: [
        {
          internalType: 'string',
          name: 'str',
          type: 'string',
        },
      ],
      name: 'StringTooLong',
      type: 'error',
    },
    {
      inputs: [
        {
          internalType: 'address',
          name: 'timelock',
          type: 'address',
        },
      ],
      name: 'TimelockServesAnother',
      type: 'error',
    },
    {
      inputs: [
        {
          internalType: 'address',
          name: 'proposer',
          type: 'address',
        },
        {
          internalType: 'uint256',
          name: 'limit',
          type: 'uint256',
        },
      ],
      name: 'TooManyOpenProposals',
      type: 'error',
    },
    {
      anonymous: false,
      inputs: [],
      name: 'EIP712DomainChanged',
      type: 'event',
    },
    {
      anonymous: false,
      inputs: [
        {
          indexed: false,
          internalType: 'uint256',
          name: 'proposalId',
          type: 'uint256',
        },
      ],
      name: 'ProposalCanceled',
      type: 'event',
    },
    {
      anonymous: false,
      inputs: [
        {
          indexed: false,
          internalType: 'uint256',
          name: 'proposalId',
          type: 'uint256',
        },
        {
          indexed: false,
          internalType: 'address',
          name: 'proposer',
          type: 'address',
        },
        {
          indexed: false,
          internalType: 'address[]',
          name: 'targets',
          type: 'address[]',
        },
        {
          indexed: false,
          internalType: 'uint256[]',
          name: 'values',
          type: 'uint256[]',
        },
        {
          indexed: false,
          internalType: 'string[]',
          name: 'signatures',
          type: 'string[]',
        },
        {
          indexed: false,
          internalType: 'bytes[]',
          name: 'calldatas',
          type: 'bytes[]',
        },
        {
          indexed: false,
          internalType: 'uint256',
          name: 'voteStart',
          type: 'uint256',
        },
        {
          indexed: false,
          internalType: 'uint256',
          name: 'voteEnd',
          type: 'uint256',
        },
        {
          indexed: false,
          internalType: 'string',
          name: 'description',
          type: 'string',
        },
      ],
      name: 'ProposalCreated',
      type: 'event',
    },
    {
      anonymous: false,
      inputs: [
        {
          indexed: false,
          internalType: 'uint256',
          name: 'proposalId',
          type: 'uint256',
        },
      ],
      name: 'ProposalExecuted',
      type: 'event',
    },
    {
      anonymous: false,
      inputs: [
        {
          indexed: false,
          internalType: 'uint256',
          name: 'proposalId',
          type: 'uint256',
        },
        {
          indexed: false,
          internalType: 'uint256',
          name: 'etaSeconds',
          type: 'uint256',
        },
      ],
      name: 'ProposalQueued',
      type: 'event',
    },
    {
      anonymous: false,
      inputs: [
        {
          indexed: true,
          internalType: 'uint256',
          name: 'proposalId',
          type: 'uint256',
        },
        {
          indexed: true,
          internalType: 'address',
          name: 'proposer',
          type: 'address',
        },
        {
          indexed: false,
          internalType: 'enum LucidGovernor.Kind',
          name: 'kind',
          type: 'uint8',
        },
        {
          indexed: false,
          internalType: 'enum LucidGovernor.Level',
          name: 'level',
          type: 'uint8',
        },
      ],
      name: 'ProposalTerms',
      type: 'event',
    },
    {
      anonymous: false,
      inputs: [
        {
          indexed: true,
          internalType: 'address',
          name: 'voter',
          type: 'address',
        },
        {
          indexed: false,
          internalType: 'uint256',
          name: 'proposalId',
          type: 'uint256',
        },
        {
          indexed: false,
          internalType: 'uint8',
          name: 'support',
          type: 'uint8',
        },
        {
          indexed: false,
          internalType: 'uint256',
          name: 'weight',
          type: 'uint256',
        },
        {
          indexed: false,
          internalType: 'string',
          name: 'reason',
          type: 'string',
        },
      ],
      name: 'VoteCast',
      type: 'event',
    },
    {
      anonymous: false,
      inputs: [
        {
          indexed: true,
          internalType: 'address',
          name: 'voter',
          type: 'address',
        },
        {
          indexed: false,
          internalType: 'uint256',
          name: 'proposalId',
          type: 'uint256',
        },
        {
          indexed: false,
          internalType: 'uint8',
          name: 'support',
          type: 'uint8',
        },
        {
          indexed: false,
          internalType: 'uint256',
          name: 'weight',
          type: 'uint256',
        },
        {
          indexed: false,
          internalType: 'string',
          name: 'reason',
          type: 'string',
        },
        {
          indexed: false,
          internalType: 'bytes',
          name: 'params',
          type: 'bytes',
        },
      ],
      name: 'VoteCastWithParams',
      type: 'event',
    },
    {
      inputs: [],
      name: 'BALLOT_TYPEHASH',
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
      name: 'CLOCK_MODE',
      outputs: [
        {
          internalType: 'string',
          name: '',
          type: 'string',
        },
      ],
      stateMutability: 'view',
      type: 'function',
    },
    {
      inputs: [],
      name: 'COUNTING_MODE',
      outputs: [
        {
          internalType: 'string',
          name: '',
          type: 'string',
        },
      ],
      stateMutability: 'pure',
      type: 'function',
    },
    {
      inputs: [],
      name: 'EXTENDED_BALLOT_TYPEHASH',
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
          name: 'calldatas',
          type: 'bytes[]',
        },
        {
          internalType: 'bytes32',
          name: 'descriptionHash',
          type: 'bytes32',
        },
      ],
      name: 'cancel',
      outputs: [
        {
          internalType: 'uint256',
          name: '',
          type: 'uint256',
        },
      ],
      stateMutability: 'nonpayable',
      type: 'function',
    },
    {
      inputs: [
        {
          internalType: 'uint256',
          name: 'proposalId',
          type: 'uint256',
        },
        {
          internalType: 'uint8',
          name: 'support',
          type: 'uint8',
        },
      ],
      name: 'castVote',
      outputs: [
        {
          internalType: 'uint256',
          name: '',
          type: 'uint256',
        },
      ],
      stateMutability: 'nonpayable',
      type: 'function',
    },
    {
      inputs: [
        {
          internalType: 'uint256',
          name: 'proposalId',
          type: 'uint256',
        },
        {
          internalType: 'uint8',
          name: 'support',
          type: 'uint8',
        },
        {
          internalType: 'address',
          name: 'voter',
          type: 'address',
        },
        {
          internalType: 'bytes',
          name: 'signature',
          type: 'bytes',
        },
      ],
      name: 'castVoteBySig',
      outputs: [
        {
          internalType: 'uint256',
          name: '',
          type: 'uint256',
        },
      ],
      stateMutability: 'nonpayable',
      type: 'function',
    },
    {
      inputs: [
        {
          internalType: 'uint256',
          name: 'proposalId',
          type: 'uint256',
        },
        {
          internalType: 'uint8',
          name: 'support',
          type: 'uint8',
        },
        {
          internalType: 'string',
          name: 'reason',
          type: 'string',
        },
      ],
      name: 'castVoteWithReason',
      outputs: [
        {
          internalType: 'uint256',
          name: '',
          type: 'uint256',
        },
      ],
      stateMutability: 'nonpayable',
      type: 'function',
    },
    {
      inputs: [
        {
          internalType: 'uint256',
          name: 'proposalId',
          type: 'uint256',
        },
        {
          internalType: 'uint8',
          name: 'support',
          type: 'uint8',
        },
        {
          internalType: 'string',
          name: 'reason',
          type: 'string',
        },
        {
          internalType: 'bytes',
          name: 'params',
          type: 'bytes',
        },
      ],
      name: 'castVoteWithReasonAndParams',
      outputs: [
        {
          internalType: 'uint256',
          name: '',
          type: 'uint256',
        },
      ],
      stateMutability: 'nonpayable',
      type: 'function',
    },
    {
      inputs: [
        {
          internalType: 'uint256',
          name: 'proposalId',
          type: 'uint256',
        },
        {
          internalType: 'uint8',
          name: 'support',
          type: 'uint8',
        },
        {
          internalType: 'address',
          name: 'voter',
          type: 'address',
        },
        {
          internalType: 'string',
          name: 'reason',
          type: 'string',
        },
        {
          internalType: 'bytes',
          name: 'params',
          type: 'bytes',
        },
        {
          internalType: 'bytes',
          name: 'signature',
          type: 'bytes',
        },
      ],
      name: 'castVoteWithReasonAndParamsBySig',
      outputs: [
        {
          internalType: 'uint256',
          name: '',
          type: 'uint256',
        },
      ],
      stateMutability: 'nonpayable',
      type: 'function',
    },
    {
      inputs: [],
      name: 'clock',
      outputs: [
        {
          internalType: 'uint48',
          name: '',
          type: 'uint48',
        },
      ],
      stateMutability: 'view',
      type: 'function',
    },
    {
      inputs: [],
      name: 'eip712Domain',
      outputs: [
        {
          internalType: 'bytes1',
          name: 'fields',
          type: 'bytes1',
        },
        {
          internalType: 'string',
          name: 'name',
          type: 'string',
        },
        {
          internalType: 'string',
          name: 'version',
          type: 'string',
        },
        {
          internalType: 'uint256',
          name: 'chainId',
          type: 'uint256',
        },
        {
          internalType: 'address',
          name: 'verifyingContract',
          type: 'address',
        },
        {
          internalType: 'bytes32',
          name: 'salt',
          type: 'bytes32',
        },
        {
          internalType: 'uint256[]',
          name: 'extensions',
          type: 'uint256[]',
        },
      ],
      stateMutability: 'view',
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
          name: 'calldatas',
          type: 'bytes[]',
        },
        {
          internalType: 'bytes32',
          name: 'descriptionHash',
          type: 'bytes32',
        },
      ],
      name: 'execute',
      outputs: [
        {
          internalType: 'uint256',
          name: '',
          type: 'uint256',
        },
      ],
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
          name: 'calldatas',
          type: 'bytes[]',
        },
        {
          internalType: 'bytes32',
          name: 'descriptionHash',
          type: 'bytes32',
        },
      ],
      name: 'getProposalId',
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
          internalType: 'address',
          name: 'account',
          type: 'address',
        },
        {
          internalType: 'uint256',
          name: 'timepoint',
          type: 'uint256',
        },
      ],
      name: 'getVotes',
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
          internalType: 'address',
          name: 'account',
          type: 'address',
        },
        {
          internalType: 'uint256',
          name: 'timepoint',
          type: 'uint256',
        },
        {
          internalType: 'bytes',
          name: 'params',
          type: 'bytes',
        },
      ],
      name: 'getVotesWithParams',
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
          internalType: 'uint256',
          name: 'proposalId',
          type: 'uint256',
        },
        {
          internalType: 'address',
          name: 'account',
          type: 'address',
        },
      ],
      name: 'hasVoted',
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
          name: 'calldatas',
          type: 'bytes[]',
        },
        {
          internalType: 'bytes32',
          name: 'descriptionHash',
          type: 'bytes32',
        },
      ],
      name: 'hashProposal',
      outputs: [
        {
          internalType: 'uint256',
          name: '',
          type: 'uint256',
        },
      ],
      stateMutability: 'pure',
      type: 'function',
    },
    {
      inputs: [],
      name: 'name',
      outputs: [
        {
          internalType: 'string',
          name: '',
          type: 'string',
        },
      ],
      stateMutability: 'view',
      type: 'function',
    },
    {
      inputs: [],
      name: 'nodes',
      outputs: [
        {
          internalType: 'contract LucidNodes',
          name: '',
          type: 'address',
        },
      ],
      stateMutability: 'view',
      type: 'function',
    },
    {
      inputs: [
        {
          internalType: 'address',
          name: 'owner',
          type: 'address',
        },
      ],
      name: 'nonces',
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
          internalType: 'address',
          name: 'proposer',
          type: 'address',
        },
      ],
      name: 'openProposals',
      outputs: [
        {
          internalType: 'uint256[]',
          name: 'open',
          type: 'uint256[]',
        },
      ],
      stateMutability: 'view',
      type: 'function',
    },
    {
      inputs: [
        {
          internalType: 'uint256',
          name: 'proposalId',
          type: 'uint256',
        },
      ],
      name: 'proposalDeadline',
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
          internalType: 'uint256',
          name: 'proposalId',
          type: 'uint256',
        },
      ],
      name: 'proposalEta',
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
          internalType: 'uint256',
          name: '',
          type: 'uint256',
        },
      ],
      name: 'proposalNeedsQueuing',
      outputs: [
        {
          internalType: 'bool',
          name: '',
          type: 'bool',
        },
      ],
      stateMutability: 'pure',
      type: 'function',
    },
    {
      inputs: [
        {
          internalType: 'uint256',
          name: 'proposalId',
          type: 'uint256',
        },
      ],
      name: 'proposalProposer',
      outputs: [
        {
          internalType: 'address',
          name: '',
          type: 'address',
        },
      ],
      stateMutability: 'view',
      type: 'function',
    },
    {
      inputs: [
        {
          internalType: 'uint256',
          name: 'proposalId',
          type: 'uint256',
        },
      ],
      name: 'proposalSnapshot',
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
      inputs: [],
      name: 'proposalThreshold',
      outputs: [
        {
          internalType: 'uint256',
          name: '',
          type: 'uint256',
        },
      ],
      stateMutability: 'pure',
      type: 'function',
    },
    {
      inputs: [
        {
          internalType: 'uint256',
          name: 'proposalId',
          type: 'uint256',
        },
      ],
      name: 'proposalVotes',
      outputs: [
        {
          internalType: 'uint256',
          name: 'againstVotes',
          type: 'uint256',
        },
        {
          internalType: 'uint256',
          name: 'forVotes',
          type: 'uint256',
        },
        {
          internalType: 'uint256',
          name: 'abstainVotes',
          type: 'uint256',
        },
      ],
      stateMutability: 'view',
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
          name: 'calldatas',
          type: 'bytes[]',
        },
        {
          internalType: 'string',
          name: 'description',
          type: 'string',
        },
      ],
      name: 'propose',
      outputs: [
        {
          internalType: 'uint256',
          name: '',
          type: 'uint256',
        },
      ],
      stateMutability: 'nonpayable',
      type: 'function',
    },
    {
      inputs: [
        {
          internalType: 'enum LucidGovernor.Kind',
          name: 'kind',
          type: 'uint8',
        },
        {
          internalType: 'enum LucidGovernor.Level',
          name: 'level',
          type: 'uint8',
        },
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
          name: 'calldatas',
          type: 'bytes[]',
        },
        {
          internalType: 'string',
          name: 'description',
          type: 'string',
        },
      ],
      name: 'proposeAs',
      outputs: [
        {
          internalType: 'uint256',
          name: 'proposalId',
          type: 'uint256',
        },
      ],
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
          name: 'calldatas',
          type: 'bytes[]',
        },
        {
          internalType: 'bytes32',
          name: 'descriptionHash',
          type: 'bytes32',
        },
      ],
      name: 'queue',
      outputs: [
        {
          internalType: 'uint256',
          name: '',
          type: 'uint256',
        },
      ],
      stateMutability: 'nonpayable',
      type: 'function',
    },
    {
      inputs: [
        {
          internalType: 'uint256',
          name: 'timepoint',
          type: 'uint256',
        },
      ],
      name: 'quorum',
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
      inputs: [],
      name: 'registry',
      outputs: [
        {
          internalType: 'contract ParamRegistry',
          name: '',
          type: 'address',
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
      ],
      name: 'relay',
      outputs: [],
      stateMutability: 'payable',
      type: 'function',
    },
    {
      inputs: [
        {
          internalType: 'uint256',
          name: 'proposalId',
          type: 'uint256',
        },
      ],
      name: 'stage',
      outputs: [
        {
          internalType: 'enum LucidGovernor.Stage',
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
          internalType: 'uint256',
          name: 'proposalId',
          type: 'uint256',
        },
      ],
      name: 'state',
      outputs: [
        {
          internalType: 'enum IGovernor.ProposalState',
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
          name: 'proposalId',
          type: 'uint256',
        },
      ],
      name: 'termsOf',
      outputs: [
        {
          components: [
            {
              internalType: 'enum LucidGovernor.Kind',
              name: 'kind',
              type: 'uint8',
            },
            {
              internalType: 'enum LucidGovernor.Level',
              name: 'level',
              type: 'uint8',
            },
            {
              internalType: 'uint32',
              name: 'delaySec',
              type: 'uint32',
            },
            {
              internalType: 'uint32',
              name: 'graceSec',
              type: 'uint32',
            },
            {
              internalType: 'uint8',
              name: 'quorumPercent',
              type: 'uint8',
            },
            {
              internalType: 'uint16',
              name: 'signatures',
              type: 'uint16',
            },
          ],
          internalType: 'struct LucidGovernor.Terms',
          name: '',
          type: 'tuple',
        },
      ],
      stateMutability: 'view',
      type: 'function',
    },
    {
      inputs: [],
      name: 'timelock',
      outputs: [
        {
          internalType: 'address',
          name: '',
          type: 'address',
        },
      ],
      stateMutability: 'view',
      type: 'function',
    },
    {
      inputs: [],
      name: 'token',
      outputs: [
        {
          internalType: 'contract IERC5805',
          name: '',
          type: 'address',
        },
      ],
      stateMutability: 'view',
      type: 'function',
    },
    {
      inputs: [],
      name: 'version',
      outputs: [
        {
          internalType: 'string',
          name: '',
          type: 'string',
        },
      ],
      stateMutability: 'view',
      type: 'function',
    },
    {
      inputs: [
        {
          internalType: 'uint256',
          name: 'proposalId',
          type: 'uint256',
        },
      ],
      name: 'votesNeeded',
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
      inputs: [],
      name: 'votingDelay',
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
      inputs: [],
      name: 'votingPeriod',
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
      stateMutability: 'payable',
      type: 'receive',
    },
  ],
  bytecode:
    '0x6101e0604052348015610010575f5ffd5b50604051615f63380380615f6383398101604081905261002f91610b27565b60408051808201909152600d81526c263ab1b4b223b7bb32b93737b960991b60208201528190806100746040805180820190915260018152603160f81b602082015290565b61007d8261034d565b6101205261008a8161034d565b61014052815160208084019190912060e052815190820120610100524660a05261011660e05161010051604080517f8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f60208201529081019290925260608201524660808201523060a08201525f9060c00160405160208183030381529060405280519060200120905090565b60805250503060c052600361012b8282610c02565b5050806001600160a01b0316610160816001600160a01b03168152505050806001600160a01b0316637b1039996040518163ffffffff1660e01b8152600401602060405180830381865afa158015610185573d5f5f3e3d5ffd5b505050506040513d601f19601f820116820180604052508101906101a99190610cc0565b6001600160a01b039081166101808190528282166101a0529083166101c0819052604080516334cc866d60e21b8152905191929163d33219b4916004808201926020929091908290030181865afa158015610206573d5f5f3e3d5ffd5b505050506040513d601f19601f8201168201806040525081019061022a9190610cc0565b6001600160a01b03161415806103105750816001600160a01b03166391d14854836001600160a01b0316638f61f4f56040518163ffffffff1660e01b8152600401602060405180830381865afa158015610286573d5f5f3e3d5ffd5b505050506040513d601f19601f820116820180604052508101906102aa9190610ce2565b6040516001600160e01b031960e084901b1681526004810191909152306024820152604401602060405180830381865afa1580156102ea573d5f5f3e3d5ffd5b505050506040513d601f19601f8201168201806040525081019061030e9190610cf9565b155b1561033e57604051631c411e9160e11b81526001600160a01b03831660048201526024015b60405180910390fd5b61034661038a565b5050610dae565b5f5f829050601f81511115610377578260405163305a27a960e01b81526004016103359190610d18565b805161038282610d4d565b179392505050565b61039261045d565b5061039b61049c565b5060408051808201909152601681527f474f565f4d41585f4f50454e5f50524f504f53414c530000000000000000000060208201526103d9906104d2565b505f5b600760ff821611610416576104058160ff1660078111156103ff576103ff610d70565b5f61054c565b5061040f81610d84565b90506103dc565b505f5b600360ff82161161045a576104496104448260ff16600381111561043f5761043f610d70565b6106f6565b6104d2565b5061045381610d84565b9050610419565b50565b5f61049760405180604001604052806012815260200171474f565f44495343555353494f4e5f53454360701b8152506104d260201b60201c565b905090565b5f6104976040518060400160405280600e81526020016d474f565f564f54494e475f53454360901b8152506104d260201b60201c565b610180518151602083012060405163023aa9ab60e61b815260048101919091525f916001600160a01b031690638eaa6ac090602401602060405180830381865afa158015610522573d5f5f3e3d5ffd5b505050506040513d601f19601f820116820180604052508101906105469190610ce2565b92915050565b6105836040805160c08101909152805f81526020015f81525f60208201819052604082018190526060820181905260809091015290565b5f600784600781111561059857610598610d70565b14806105b5575060018460078111156105b3576105b3610d70565b145b90506040518060c001604052808560078111156105d4576105d4610d70565b81526020018460038111156105eb576105eb610d70565b81526020016106046105ff610444876106f6565b610826565b63ffffffff1681526020016106466105ff6040518060400160405280600d81526020016c474f565f47524143455f53454360981b8152506104d260201b60201c565b63ffffffff1681526020016106cc6106c78461068c576040518060400160405280601281526020017111d3d597d45553d4955357d4115490d1539560721b8152506104d2565b6040518060400160405280601981526020017f474f565f53555045524d414a4f524954595f50455243454e54000000000000008152506104d2565b61085a565b60ff1681526020016106e86106e361044488610887565b610ae5565b61ffff169052949350505050565b60605f82600381111561070b5761070b610d70565b0361074957505060408051808201909152601481527f474f565f44454c41595f4e4f524d414c5f534543000000000000000000000000602082015290565b600182600381111561075d5761075d610d70565b0361079b57505060408051808201909152601481527f474f565f44454c41595f555247454e545f534543000000000000000000000000602082015290565b60028260038111156107af576107af610d70565b036107ed57505060408051808201909152601781527f474f565f44454c41595f454d455247454e43595f534543000000000000000000602082015290565b505060408051808201909152601781527f474f565f44454c41595f494d4d4544494154455f534543000000000000000000602082015290565b5f63ffffffff821115610856576040516306dfcc6560e41b81526020600482015260248101839052604401610335565b5090565b5f60ff821115610856576040516306dfcc6560e41b81526008600482015260248101839052604401610335565b60605f82600781111561089c5761089c610d70565b036108da57505060408051808201909152601f81527f474f565f5349474e4154555245535f504152414d455445525f4348414e474500602082015290565b60018260078111156108ee576108ee610d70565b0361092c57505060408051808201909152601f81527f474f565f5349474e4154555245535f434f4e54524143545f5550475241444500602082015290565b600282600781111561094057610940610d70565b0361096457604051806060016040528060218152602001615f426021913992915050565b600382600781111561097857610978610d70565b036109b657505060408051808201909152601b81527f474f565f5349474e4154555245535f4b45595f524f544154494f4e0000000000602082015290565b60048260078111156109ca576109ca610d70565b03610a085750506040805180820190915260208082527f474f565f5349474e4154555245535f4e4f44455f50524f564953494f4e494e479082015290565b6005826007811115610a1c57610a1c610d70565b03610a5a57505060408051808201909152601c81527f474f565f5349474e4154555245535f504f4c4943595f55504441544500000000602082015290565b6006826007811115610a6e57610a6e610d70565b03610aac57505060408051808201909152601d81527f474f565f5349474e4154555245535f4645455f41444a5553544d454e54000000602082015290565b505060408051808201909152601f81527f474f565f5349474e4154555245535f434f4e53454e5355535f4348414e474500602082015290565b5f61ffff821115610856576040516306dfcc6560e41b81526010600482015260248101839052604401610335565b6001600160a01b038116811461045a575f5ffd5b5f5f60408385031215610b38575f5ffd5b8251610b4381610b13565b6020840151909250610b5481610b13565b809150509250929050565b634e487b7160e01b5f52604160045260245ffd5b600181811c90821680610b8757607f821691505b602082108103610ba557634e487b7160e01b5f52602260045260245ffd5b50919050565b601f821115610bfd5782821115610bfd57805f5260205f20601f840160051c6020851015610bd657505f5b90810190601f840160051c035f5b81811015610bf9575f83820155600101610be4565b5050505b505050565b81516001600160401b03811115610c1b57610c1b610b5f565b610c2f81610c298454610b73565b84610bab565b6020601f821160018114610c61575f8315610c4a5750848201515b5f19600385901b1c1916600184901b178455610cb9565b5f84815260208120601f198516915b82811015610c905787850151825560209485019460019092019101610c70565b5084821015610cad57868401515f19600387901b60f8161c191681555b505060018360011b0184555b5050505050565b5f60208284031215610cd0575f5ffd5b8151610cdb81610b13565b9392505050565b5f60208284031215610cf2575f5ffd5b5051919050565b5f60208284031215610d09575f5ffd5b81518015158114610cdb575f5ffd5b602081525f82518060208401528060208501604085015e5f604082850101526040601f19601f83011684010191505092915050565b80516020808301519190811015610ba5575f1960209190910360031b1b16919050565b634e487b7160e01b5f52602160045260245ffd5b5f60ff821660ff8103610da557634e487b7160e01b5f52601160045260245ffd5b60010192915050565b60805160a05160c05160e05161010051610120516101405161016051610180516101a0516101c05161505e610ee45f395f81816102960152818161092501528181610d0501528181610e9a01528181610f55015281816110eb0152818161118201528181611c1101528181611d8301528181612003015281816120a7015281816121550152818161256a01528181612eb00152612efc01525f818161065101528181610c4a0152818161125e0152818161128d01528181611dff015281816124c601526125e201525f81816106a301528181611ec00152818161233d015281816123be01526125a601525f8181610a2c015281816115bf0152818161198f0152612da301525f612ce901525f612cbe01525f613a6001525f613a3801525f61399301525f6139bd01525f6139e7015261505e5ff3fe60806040526004361061028e575f3560e01c80637b3c71d311610155578063badc2dff116100be578063dd4e2ba511610078578063dd4e2ba514610949578063deaaa7cc1461098e578063eb9019d4146109c1578063f23a6e61146109e0578063f8ce560a146109ff578063fc0c546a14610a1e575f5ffd5b8063badc2dff1461087b578063bc197c81146108a7578063c01f9e37146108c6578063c28bc2fa146108e5578063c59057e4146108f8578063d33219b414610917575f5ffd5b80639a802a6d1161010f5780639a802a6d146107a8578063a12605ca146107c7578063a8f8a668146107f3578063a9a9529414610812578063ab58fb8e14610832578063b58131b014610868575f5ffd5b80637b3c71d3146106c55780637d5e81e2146106e45780637ecebe001461070357806384b0196e146107375780638ff262e31461075e57806391ddadf41461077d575f5ffd5b806343859632116101f757806354fd4d50116101b157806354fd4d50146105d957806356781388146106025780635b8d0e0d146106215780635db82fa0146106405780635f398a14146106735780637b10399914610692575f5ffd5b806343859632146104c057806344c6431614610508578063452115d6146105275780634bf5d7e914610546578063544ffc9c1461055a57806354d9eef6146105ad575f5ffd5b8063160cbed711610248578063160cbed7146103fc5780632656227d1461041b5780632d63f6931461042e5780632fe3e2611461044d5780633932abb1146104805780633e4f49e614610494575f5ffd5b806301ffc9a7146102e257806302a251a31461031657806306fdde03146103385780630716fa2f14610359578063143489d014610378578063150b7a02146103c4575f5ffd5b366102de57307f00000000000000000000000000000000000000000000000000000000000000006001600160a01b0316146102dc57604051637485328f60e11b815260040160405180910390fd5b005b5f5ffd5b3480156102ed575f5ffd5b506103016102fc366004613ef6565b610a50565b60405190151581526020015b60405180910390f35b348015610321575f5ffd5b5061032a610abc565b60405190815260200161030d565b348015610343575f5ffd5b5061034c610af1565b60405161030d9190613f4b565b348015610364575f5ffd5b5061032a610373366004613f5d565b610b81565b348015610383575f5ffd5b506103ac610392366004613f5d565b5f908152600460205260409020546001600160a01b031690565b6040516001600160a01b03909116815260200161030d565b3480156103cf575f5ffd5b506103e36103de366004614048565b610d01565b6040516001600160e01b0319909116815260200161030d565b348015610407575f5ffd5b5061032a610416366004614212565b610d5c565b61032a610429366004614212565b610e55565b348015610439575f5ffd5b5061032a610448366004613f5d565b610fe7565b348015610458575f5ffd5b5061032a7f3e83946653575f9a39005e1545185629e92736b7528ab20ca3816f315424a81181565b34801561048b575f5ffd5b5061032a611007565b34801561049f575f5ffd5b506104b36104ae366004613f5d565b61103b565b60405161030d91906142c9565b3480156104cb575f5ffd5b506103016104da3660046142dc565b5f8281526007602090815260408083206001600160a01b038516845260030190915290205460ff1692915050565b348015610513575f5ffd5b5061032a610522366004614322565b61123f565b348015610532575f5ffd5b5061032a610541366004614212565b61155a565b348015610551575f5ffd5b5061034c6115bb565b348015610565575f5ffd5b50610592610574366004613f5d565b5f908152600760205260409020805460018201546002909201549092565b6040805193845260208401929092529082015260600161030d565b3480156105b8575f5ffd5b506105cc6105c7366004613f5d565b61164e565b60405161030d91906143f6565b3480156105e4575f5ffd5b506040805180820190915260018152603160f81b602082015261034c565b34801561060d575f5ffd5b5061032a61061c36600461441a565b611778565b34801561062c575f5ffd5b5061032a61063b36600461447f565b611797565b34801561064b575f5ffd5b506103ac7f000000000000000000000000000000000000000000000000000000000000000081565b34801561067e575f5ffd5b5061032a61068d366004614539565b611854565b34801561069d575f5ffd5b506103ac7f000000000000000000000000000000000000000000000000000000000000000081565b3480156106d0575f5ffd5b5061032a6106df3660046145ba565b61189c565b3480156106ef575f5ffd5b5061032a6106fe36600461460f565b6118ec565b34801561070e575f5ffd5b5061032a61071d3660046146ac565b6001600160a01b03165f9081526002602052604090205490565b348015610742575f5ffd5b5061074b6118fb565b60405161030d97969594939291906146ff565b348015610769575f5ffd5b5061032a61077836600461476e565b61193d565b348015610788575f5ffd5b5061079161198c565b60405165ffffffffffff909116815260200161030d565b3480156107b3575f5ffd5b5061032a6107c23660046147b9565b611a13565b3480156107d2575f5ffd5b506107e66107e13660046146ac565b611a1f565b60405161030d919061480b565b3480156107fe575f5ffd5b5061032a61080d366004614212565b611b0a565b34801561081d575f5ffd5b5061030161082c366004613f5d565b50600190565b34801561083d575f5ffd5b5061032a61084c366004613f5d565b5f9081526004602052604090206001015465ffffffffffff1690565b348015610873575f5ffd5b50600161032a565b348015610886575f5ffd5b5061089a610895366004613f5d565b611b17565b60405161030d9190614831565b3480156108b2575f5ffd5b506103e36108c1366004614899565b611c0d565b3480156108d1575f5ffd5b5061032a6108e0366004613f5d565b611c69565b6102dc6108f336600461492c565b611cab565b348015610903575f5ffd5b5061032a610912366004614212565b611d27565b348015610922575f5ffd5b507f00000000000000000000000000000000000000000000000000000000000000006103ac565b348015610954575f5ffd5b5060408051808201909152601881527f737570706f72743d627261766f2671756f72756d3d666f720000000000000000602082015261034c565b348015610999575f5ffd5b5061032a7ff2aad550cf55f045cb27e9c559f9889fdfb6e6cdaa032301d6ea397784ae51d781565b3480156109cc575f5ffd5b5061032a6109db366004614969565b611d60565b3480156109eb575f5ffd5b506103e36109fa366004614991565b611d7f565b348015610a0a575f5ffd5b5061032a610a19366004613f5d565b611ddb565b348015610a29575f5ffd5b507f00000000000000000000000000000000000000000000000000000000000000006103ac565b5f6001600160e01b031982166366defe7760e11b1480610a8057506001600160e01b031982166332a2ad4360e11b145b80610a9b57506001600160e01b03198216630271189760e51b145b80610ab657506301ffc9a760e01b6001600160e01b03198316145b92915050565b5f610aec6040518060400160405280600e81526020016d474f565f564f54494e475f53454360901b815250611ea0565b905090565b606060038054610b00906149e4565b80601f0160208091040260200160405190810160405280929190818152602001828054610b2c906149e4565b8015610b775780601f10610b4e57610100808354040283529160200191610b77565b820191905f5260205f20905b815481529060010190602001808311610b5a57829003601f168201915b5050505050905090565b5f81815260086020526040808220815160c08101909252805483929190829060ff166007811115610bb457610bb46142a5565b6007811115610bc557610bc56142a5565b81528154602090910190610100900460ff166003811115610be857610be86142a5565b6003811115610bf957610bf96142a5565b8152905463ffffffff62010000820481166020840152600160301b820416604083015260ff600160501b820416606083015261ffff600160581b9091041660809091015290505f6001600160a01b037f000000000000000000000000000000000000000000000000000000000000000016638e539e8c610c7886610fe7565b6040518263ffffffff1660e01b8152600401610c9691815260200190565b602060405180830381865afa158015610cb1573d5f5f3e3d5ffd5b505050506040513d601f19601f82011682018060405250810190610cd59190614a1c565b9050610cf9610ceb82846080015160ff16611f36565b8360a0015161ffff16611f4b565b949350505050565b5f307f00000000000000000000000000000000000000000000000000000000000000006001600160a01b031614610d4b57604051637485328f60e11b815260040160405180910390fd5b50630a85bd0160e11b949350505050565b5f5f610d6a86868686611b0a565b90506001610d8182610d7c6004611f5a565b611f7c565b5080610da85760405163d838bcb760e01b8152600481018390526024015b60405180910390fd5b5f610db68389898989611fb9565b905065ffffffffffff811615610e2d575f83815260046020908152604091829020600101805465ffffffffffff191665ffffffffffff85169081179091558251868152918201527f9a2e42fd6722813d69113e7d0079d3d940171428df7373df9c7f7617cfda2892910160405180910390a1610e49565b60405163ab2d031160e01b815260048101849052602401610d9f565b50909695505050505050565b5f5f610e6386868686611b0a565b90506001610e7582610d7c6005611f5a565b505f828152600460205260409020805460ff60f01b1916600160f01b17905530610ebc7f000000000000000000000000000000000000000000000000000000000000000090565b6001600160a01b031614610f45575f5b8751811015610f4357306001600160a01b0316888281518110610ef157610ef1614a33565b60200260200101516001600160a01b031603610f3b57610f3b868281518110610f1c57610f1c614a33565b602002602001015180519060200120600561212590919063ffffffff16565b600101610ecc565b505b610f528288888888612146565b307f00000000000000000000000000000000000000000000000000000000000000006001600160a01b031614158015610fa057506005546001600160801b03808216600160801b9092041614155b15610faa575f6005555b6040518281527f712ae1383f79ac853f8d882153778e0260ef8f03b504e2866e0593e04d2b291f9060200160405180910390a15095945050505050565b5f90815260046020526040902054600160a01b900465ffffffffffff1690565b5f610aec60405180604001604052806012815260200171474f565f44495343555353494f4e5f53454360701b815250611ea0565b5f5f611046836121e5565b5f84815260086020526040902054909150600160301b900463ffffffff166004826007811115611078576110786142a5565b14801561109757508061108a85611c69565b6110949190614a5b565b42115b156110a6575060069392505050565b60058260078111156110ba576110ba6142a5565b146110c6575092915050565b5f8481526009602052604090819020549051632ab0f52960e01b8152600481018290527f00000000000000000000000000000000000000000000000000000000000000006001600160a01b031690632ab0f52990602401602060405180830381865afa158015611138573d5f5f3e3d5ffd5b505050506040513d601f19601f8201168201806040525081019061115c9190614a6e565b1561116c57506007949350505050565b60405163031d507560e41b8152600481018290527f00000000000000000000000000000000000000000000000000000000000000006001600160a01b0316906331d5075090602401602060405180830381865afa1580156111cf573d5f5f3e3d5ffd5b505050506040513d601f19601f820116820180604052508101906111f39190614a6e565b61120257506002949350505050565b5f8581526004602052604090206001015461122690839065ffffffffffff16614a5b565b4211611233576005611236565b60065b95945050505050565b5f3360038781811115611254576112546142a5565b14801561137a57507f00000000000000000000000000000000000000000000000000000000000000006001600160a01b03166391d148547f00000000000000000000000000000000000000000000000000000000000000006001600160a01b03166375b238fc6040518163ffffffff1660e01b8152600401602060405180830381865afa1580156112e7573d5f5f3e3d5ffd5b505050506040513d601f19601f8201168201806040525081019061130b9190614a1c565b6040516001600160e01b031960e084901b16815260048101919091526001600160a01b0384166024820152604401602060405180830381865afa158015611354573d5f5f3e3d5ffd5b505050506040513d601f19601f820116820180604052508101906113789190614a6e565b155b156113a357604051638c154c0760e01b81526001600160a01b0382166004820152602401610d9f565b5f5b8651811080156113b55750845181105b15611408576113f889828984815181106113d1576113d1614a33565b60200260200101518885815181106113eb576113eb614a33565b6020026020010151612316565b61140181614a8d565b90506113a5565b5061141586868686612641565b915061142188886126e7565b5f83815260086020526040902081518154829060ff1916600183600781111561144c5761144c6142a5565b021790555060208201518154829061ff001916610100836003811115611474576114746142a5565b0217905550604082015181546060840151608085015160a09095015161ffff16600160581b0261ffff60581b1960ff909616600160501b029590951662ffffff60501b1963ffffffff928316600160301b0269ffffffff000000000000199390951662010000029290921669ffffffffffffffff0000199093169290921792909217919091161791909117905561150b8183612890565b806001600160a01b0316827fedc2213e2f24947dc9bdda43944826d09bf1188cc43b6e441075210d31c3c64c8a8a604051611547929190614aa5565b60405180910390a3509695505050505050565b5f5f61156886868686611b0a565b90503361157582826129d1565b6115a457604051638fe5d8a960e01b8152600481018390526001600160a01b0382166024820152604401610d9f565b6115b087878787612a16565b979650505050505050565b60607f00000000000000000000000000000000000000000000000000000000000000006001600160a01b0316634bf5d7e96040518163ffffffff1660e01b81526004015f60405180830381865afa92505050801561163a57506040513d5f823e601f3d908101601f191682016040526116379190810190614ac2565b60015b61164957610aec61198c612ad6565b919050565b5f5f6116598361103b565b90505f81600781111561166e5761166e6142a5565b0361167b57505f92915050565b600181600781111561168f5761168f6142a5565b0361169d5750600192915050565b60048160078111156116b1576116b16142a5565b036116bf5750600292915050565b60078160078111156116d3576116d36142a5565b036116e15750600592915050565b60028160078111156116f5576116f56142a5565b036117035750600692915050565b6006816007811115611717576117176142a5565b036117255750600792915050565b6003816007811115611739576117396142a5565b036117475750600892915050565b5f8381526004602052604090206001015465ffffffffffff1642101561176e576003611771565b60045b9392505050565b5f80339050610cf984828560405180602001604052805f815250612aec565b5f6117dd88888888888080601f0160208091040260200160405190810160405280939291908181526020018383808284375f920191909152508a9250899150612b0d9050565b611805576040516394ab6c0760e01b81526001600160a01b0387166004820152602401610d9f565b61184888878988888080601f0160208091040260200160405190810160405280939291908181526020018383808284375f920191909152508a9250612bda915050565b98975050505050505050565b5f803390506115b087828888888080601f0160208091040260200160405190810160405280939291908181526020018383808284375f920191909152508a9250612bda915050565b5f803390506118e286828787878080601f0160208091040260200160405190810160405280939291908181526020018383808284375f92019190915250612aec92505050565b9695505050505050565b5f6112365f5f8787878761123f565b5f6060805f5f5f606061190c612cb7565b611914612ce2565b604080515f80825260208201909252600f60f81b9b939a50919850469750309650945092509050565b5f61194a85858585612d0d565b611972576040516394ab6c0760e01b81526001600160a01b0384166004820152602401610d9f565b61123685848660405180602001604052805f815250612aec565b5f7f00000000000000000000000000000000000000000000000000000000000000006001600160a01b03166391ddadf46040518163ffffffff1660e01b8152600401602060405180830381865afa925050508015611a07575060408051601f3d908101601f19168201909252611a0491810190614b36565b60015b61164957610aec612d96565b5f610cf9848484612da0565b6001600160a01b0381165f908152600a602052604090208054606091906001600160401b03811115611a5357611a53613f8a565b604051908082528060200260200182016040528015611a7c578160200160208202803683370190505b5091505f805b8254811015611b0157611aae838281548110611aa057611aa0614a33565b905f5260205f200154612e33565b15611af957828181548110611ac557611ac5614a33565b905f5260205f200154848380611ada90614a8d565b945081518110611aec57611aec614a33565b6020026020010181815250505b600101611a82565b50825250919050565b5f61123685858585611d27565b611b4e6040805160c08101909152805f81526020015f81525f60208201819052604082018190526060820181905260809091015290565b5f8281526008602052604090819020815160c081019092528054829060ff166007811115611b7e57611b7e6142a5565b6007811115611b8f57611b8f6142a5565b81528154602090910190610100900460ff166003811115611bb257611bb26142a5565b6003811115611bc357611bc36142a5565b8152905463ffffffff62010000820481166020840152600160301b820416604083015260ff600160501b820416606083015261ffff600160581b9091041660809091015292915050565b5f307f00000000000000000000000000000000000000000000000000000000000000006001600160a01b031614611c5757604051637485328f60e11b815260040160405180910390fd5b5063bc197c8160e01b95945050505050565b5f81815260046020526040812054611c9d90600160d01b810463ffffffff1690600160a01b900465ffffffffffff16614b5b565b65ffffffffffff1692915050565b611cb3612eae565b5f5f856001600160a01b0316858585604051611cd0929190614b79565b5f6040518083038185875af1925050503d805f8114611d0a576040519150601f19603f3d011682016040523d82523d5f602084013e611d0f565b606091505b5091509150611d1e8282612f5a565b50505050505050565b5f84848484604051602001611d3f9493929190614c0f565b60408051601f19818403018152919052805160209091012095945050505050565b5f6117718383611d7a60408051602081019091525f815290565b612da0565b5f307f00000000000000000000000000000000000000000000000000000000000000006001600160a01b031614611dc957604051637485328f60e11b815260040160405180910390fd5b5063f23a6e6160e01b95945050505050565b604051632394e7a360e21b8152600481018290525f90610ab6906001600160a01b037f00000000000000000000000000000000000000000000000000000000000000001690638e539e8c90602401602060405180830381865afa158015611e44573d5f5f3e3d5ffd5b505050506040513d601f19601f82011682018060405250810190611e689190614a1c565b611e9b6040518060400160405280601281526020017111d3d597d45553d4955357d4115490d1539560721b815250611ea0565b611f36565b8051602082012060405163023aa9ab60e61b81525f916001600160a01b037f00000000000000000000000000000000000000000000000000000000000000001691638eaa6ac091611ef79160040190815260200190565b602060405180830381865afa158015611f12573d5f5f3e3d5ffd5b505050506040513d601f19601f82011682018060405250810190610ab69190614a1c565b5f611771611f448385614c59565b6064612f97565b5f828218828411028218611771565b5f816007811115611f6d57611f6d6142a5565b600160ff919091161b92915050565b5f5f611f878461103b565b90505f83611f9483611f5a565b1603611771578381846040516331b75e4d60e01b8152600401610d9f93929190614c70565b5f8581526008602052604081205462010000900463ffffffff16813060601b6bffffffffffffffffffffffff1916841860405163b1c5f42760e01b81529091506001600160a01b037f0000000000000000000000000000000000000000000000000000000000000000169063b1c5f42790612040908a908a908a905f908890600401614c91565b602060405180830381865afa15801561205b573d5f5f3e3d5ffd5b505050506040513d601f19601f8201168201806040525081019061207f9190614a1c565b5f898152600960205260408082209290925590516308f2a0bb60e41b81526001600160a01b037f00000000000000000000000000000000000000000000000000000000000000001691638f2a0bb0916120e4918b918b918b9188908a90600401614cde565b5f604051808303815f87803b1580156120fb575f5ffd5b505af115801561210d573d5f5f3e3d5ffd5b5050505061184882426121209190614a5b565b612fcb565b5f6121308383613001565b905080612141576121416041613066565b505050565b60405163e38335e560e01b81527f00000000000000000000000000000000000000000000000000000000000000006001600160a01b03169063e38335e59034906121b0908890889088905f906bffffffffffffffffffffffff193060601b168a1890600401614c91565b5f604051808303818588803b1580156121c7575f5ffd5b505af11580156121d9573d5f5f3e3d5ffd5b50505050505050505050565b5f818152600460205260408120805460ff600160f01b8204811691600160f81b900416811561221957506007949350505050565b801561222a57506002949350505050565b5f61223486610fe7565b9050805f0361225957604051636ad0607560e01b815260048101879052602401610d9f565b5f61226261198c565b65ffffffffffff16905080821061227f57505f9695505050505050565b5f61228988611c69565b90508181106122a057506001979650505050505050565b6122a988613077565b15806122c857505f888152600760205260409020805460019091015411155b156122db57506003979650505050505050565b5f8881526004602052604090206001015465ffffffffffff165f0361230857506004979650505050505050565b506005979650505050505050565b600184600781111561232a5761232a6142a5565b1461263b575f61233982614d35565b90507f00000000000000000000000000000000000000000000000000000000000000006001600160a01b0316836001600160a01b031614801561238b57506001600160e01b03198116629cfd2560e61b145b801561239957506024825110155b156124c45760248281015160405163edf1f39d60e01b81526004810182905290915f917f00000000000000000000000000000000000000000000000000000000000000006001600160a01b03169163edf1f39d9101602060405180830381865afa158015612409573d5f5f3e3d5ffd5b505050506040513d601f19601f8201168201806040525081019061242d9190614d73565b90505f816002811115612442576124426142a5565b0361244f5750505061263b565b6002816002811115612463576124636142a5565b03612486578560016040516305a7a33b60e01b8152600401610d9f929190614d91565b600787600781111561249a5761249a6142a5565b146124bd578560076040516305a7a33b60e01b8152600401610d9f929190614d91565b5050612639565b7f00000000000000000000000000000000000000000000000000000000000000006001600160a01b0316836001600160a01b031614801561251557506001600160e01b03198116637647b90d60e01b145b1561255657600485600781111561252e5761252e6142a5565b14612551578360046040516305a7a33b60e01b8152600401610d9f929190614d91565b612639565b6001600160a01b03831630148061259e57507f00000000000000000000000000000000000000000000000000000000000000006001600160a01b0316836001600160a01b0316145b806125da57507f00000000000000000000000000000000000000000000000000000000000000006001600160a01b0316836001600160a01b0316145b8061261657507f00000000000000000000000000000000000000000000000000000000000000006001600160a01b0316836001600160a01b0316145b15612639578360016040516305a7a33b60e01b8152600401610d9f929190614d91565b505b50505050565b5f3361264d8184613099565b6126755760405163d9b3955760e01b81526001600160a01b0382166004820152602401610d9f565b60015f61269d83600161268661198c565b6126909190614dae565b65ffffffffffff16611d60565b9050818110156126d957604051636121770b60e11b81526001600160a01b03841660048201526024810182905260448101839052606401610d9f565b506115b0878787878661311d565b61271e6040805160c08101909152805f81526020015f81525f60208201819052604082018190526060820181905260809091015290565b5f6007846007811115612733576127336142a5565b14806127505750600184600781111561274e5761274e6142a5565b145b90506040518060c0016040528085600781111561276f5761276f6142a5565b8152602001846003811115612786576127866142a5565b81526020016127a461279f61279a87613328565b611ea0565b613446565b63ffffffff1681526020016127e061279f6040518060400160405280600d81526020016c474f565f47524143455f53454360981b815250611ea0565b63ffffffff16815260200161286661286184612826576040518060400160405280601281526020017111d3d597d45553d4955357d4115490d1539560721b815250611ea0565b6040518060400160405280601981526020017f474f565f53555045524d414a4f524954595f50455243454e5400000000000000815250611ea0565b613476565b60ff16815260200161288261287d61279a886134a3565b613701565b61ffff169052949350505050565b6001600160a01b0382165f908152600a60205260408120905b815481101561294b576128c7828281548110611aa057611aa0614a33565b156128dc576128d581614a8d565b90506128a9565b815482906128ec90600190614dcc565b815481106128fc576128fc614a33565b905f5260205f20015482828154811061291757612917614a33565b905f5260205f2001819055508180548061293357612933614ddf565b600190038181905f5260205f20015f905590556128a9565b5f61298360405180604001604052806016815260200175474f565f4d41585f4f50454e5f50524f504f53414c5360501b815250611ea0565b835490915081116129b95760405163ef63f82960e01b81526001600160a01b038616600482015260248101829052604401610d9f565b505080546001810182555f9182526020909120015550565b5f806129dc8461103b565b60078111156129ed576129ed6142a5565b1480156117715750505f91825260046020526040909120546001600160a01b0391821691161490565b5f5f612a2486868686611b0a565b9050612a7281612a346007611f5a565b612a3e6006611f5a565b612a486002611f5a565b6001612a55600782614df3565b612a60906002614edf565b612a6a9190614dcc565b181818611f7c565b505f818152600460205260409081902080546001600160f81b0316600160f81b179055517f789cf55be980739dad1d0699b93b58e806b51c9d96619bfa8fe0a28abaa7b30c90612ac59083815260200190565b60405180910390a195945050505050565b6060610ab6612ae78363ffffffff16565b61372f565b5f61123685858585612b0860408051602081019091525f815290565b612bda565b5f6115b085612bd47f3e83946653575f9a39005e1545185629e92736b7528ab20ca3816f315424a8118a8a8a612b5f8c6001600160a01b03165f90815260026020526040902080546001810190915590565b8b516020808e01919091208c518d830120604051612bb998979695949301968752602087019590955260ff9390931660408601526001600160a01b03919091166060850152608084015260a083015260c082015260e00190565b604051602081830303815290604052805190602001206137a1565b846137cd565b5f612be986610d7c6001611f5a565b505f612bfe86612bf889610fe7565b85612da0565b90505f612c0e888888858861383d565b905083515f03612c6457866001600160a01b03167fb8e138887d0aa13bab447e82de9d5c1777041ecd21ca36ba824ff1e6c07ddda489888489604051612c579493929190614eed565b60405180910390a2612cae565b866001600160a01b03167fe2babfbac5889a709b63bb7f598b324e08bc5a4fb9ec647fb3cbc9ec07eb87128988848989604051612ca5959493929190614f14565b60405180910390a25b6115b088612f56565b6060610aec7f0000000000000000000000000000000000000000000000000000000000000000613876565b6060610aec7f0000000000000000000000000000000000000000000000000000000000000000613876565b5f61123683612bd47ff2aad550cf55f045cb27e9c559f9889fdfb6e6cdaa032301d6ea397784ae51d7888888612d5f8a6001600160a01b03165f90815260026020526040902080546001810190915590565b60408051602081019690965285019390935260ff90911660608401526001600160a01b0316608083015260a082015260c001612bb9565b5f610aec43612fcb565b5f7f0000000000000000000000000000000000000000000000000000000000000000604051630748d63560e31b81526001600160a01b038681166004830152602482018690529190911690633a46b1a890604401602060405180830381865afa158015612e0f573d5f5f3e3d5ffd5b505050506040513d601f19601f82011682018060405250810190610cf99190614a1c565b5f5f612e3e8361103b565b90505f816007811115612e5357612e536142a5565b1480612e7057506001816007811115612e6e57612e6e6142a5565b145b80612e8c57506004816007811115612e8a57612e8a6142a5565b145b8061177157506005816007811115612ea657612ea66142a5565b149392505050565b7f00000000000000000000000000000000000000000000000000000000000000006001600160a01b03163314612ef9576040516347096e4760e01b8152336004820152602401610d9f565b307f00000000000000000000000000000000000000000000000000000000000000006001600160a01b031614612f58575f8036604051612f3a929190614b79565b604051809103902090505b80612f5060056138b3565b03612f45575b505b565b60608215612f69575080610ab6565b815115612f7e57612f79826138d2565b610ab6565b60405163d6bda27560e01b815260040160405180910390fd5b5f815f03612fa957612fa96012613066565b816001840381612fbb57612fbb614f4d565b046001018315155b029392505050565b5f65ffffffffffff821115612ffd576040516306dfcc6560e41b81526030600482015260248101839052604401610d9f565b5090565b81545f906001600160801b03600160801b82048116918116600183019091160361302e575f915050610ab6565b6001600160801b038181165f908152600186810160205260409091209490945584549184018116600160801b02911617909255919050565b634e487b715f52806020526024601cfd5b5f8181526007602052604081206001015461309183610b81565b111592915050565b80515f9060348110156130b0576001915050610ab6565b60131981840101516001600160b01b03198116692370726f706f7365723d60b01b146130e157600192505050610ab6565b5f5f6130f186602a8603866138da565b915091508115806115b05750866001600160a01b0316816001600160a01b031614979650505050505050565b5f6131318686868680519060200120611b0a565b90508451865114158061314657508351865114155b8061315057508551155b1561318557855184518651604051630447b05d60e41b8152600481019390935260248301919091526044820152606401610d9f565b5f81815260046020526040902054600160a01b900465ffffffffffff16156131ce57806131b18261103b565b6040516331b75e4d60e01b8152610d9f9291905f90600401614c70565b5f6131d7611007565b6131df61198c565b65ffffffffffff166131f19190614a5b565b90505f6131fc610abc565b5f84815260046020526040902080546001600160a01b0319166001600160a01b03871617815590915061322e83612fcb565b815465ffffffffffff91909116600160a01b0265ffffffffffff60a01b1990911617815561325b82613446565b815463ffffffff91909116600160d01b0263ffffffff60d01b1990911617815588517f7d84a6263ae0d98d3329bd7b46bb4e8d6f98cd35a7adb45c274c8b7fd5ebd5e090859087908c908c906001600160401b038111156132be576132be613f8a565b6040519080825280602002602001820160405280156132f157816020015b60608152602001906001900390816132dc5790505b508c896132fe8a82614a5b565b8e60405161331499989796959493929190614f61565b60405180910390a150505095945050505050565b60605f82600381111561333d5761333d6142a5565b03613372575050604080518082019091526014815273474f565f44454c41595f4e4f524d414c5f53454360601b602082015290565b6001826003811115613386576133866142a5565b036133bb575050604080518082019091526014815273474f565f44454c41595f555247454e545f53454360601b602082015290565b60028260038111156133cf576133cf6142a5565b0361340d57505060408051808201909152601781527f474f565f44454c41595f454d455247454e43595f534543000000000000000000602082015290565b505060408051808201909152601781527f474f565f44454c41595f494d4d4544494154455f534543000000000000000000602082015290565b5f63ffffffff821115612ffd576040516306dfcc6560e41b81526020600482015260248101839052604401610d9f565b5f60ff821115612ffd576040516306dfcc6560e41b81526008600482015260248101839052604401610d9f565b60605f8260078111156134b8576134b86142a5565b036134f657505060408051808201909152601f81527f474f565f5349474e4154555245535f504152414d455445525f4348414e474500602082015290565b600182600781111561350a5761350a6142a5565b0361354857505060408051808201909152601f81527f474f565f5349474e4154555245535f434f4e54524143545f5550475241444500602082015290565b600282600781111561355c5761355c6142a5565b036135805760405180606001604052806021815260200161503d6021913992915050565b6003826007811115613594576135946142a5565b036135d257505060408051808201909152601b81527f474f565f5349474e4154555245535f4b45595f524f544154494f4e0000000000602082015290565b60048260078111156135e6576135e66142a5565b036136245750506040805180820190915260208082527f474f565f5349474e4154555245535f4e4f44455f50524f564953494f4e494e479082015290565b6005826007811115613638576136386142a5565b0361367657505060408051808201909152601c81527f474f565f5349474e4154555245535f504f4c4943595f55504441544500000000602082015290565b600682600781111561368a5761368a6142a5565b036136c857505060408051808201909152601d81527f474f565f5349474e4154555245535f4645455f41444a5553544d454e54000000602082015290565b505060408051808201909152601f81527f474f565f5349474e4154555245535f434f4e53454e5355535f4348414e474500602082015290565b5f61ffff821115612ffd576040516306dfcc6560e41b81526010600482015260248101839052604401610d9f565b6060613739612d96565b65ffffffffffff168265ffffffffffff1614613768576040516301bfc1c560e61b815260040160405180910390fd5b505060408051808201909152601d81527f6d6f64653d626c6f636b6e756d6265722666726f6d3d64656661756c74000000602082015290565b5f610ab66137ad613987565b8360405161190160f01b8152600281019290925260228201526042902090565b5f836001600160a01b03163b5f0361382b575f5f6137eb8585613ab0565b5090925090505f816003811115613804576138046142a5565b1480156138225750856001600160a01b0316826001600160a01b0316145b92505050611771565b613836848484613af9565b9050611771565b5f825f0361386957604051636f2e99c760e01b81526001600160a01b0386166004820152602401610d9f565b6118e28686868686613b5e565b60605f61388283613c5a565b6040805160208082528183019092529192505f91906020820181803683375050509182525060208101929092525090565b5f5f5f6138bf84613c81565b9150915081611771576117716031613066565b805160208201fd5b5f5f84518311806138ea57508284115b156138f957505f90508061397f565b5f613905856001614a5b565b8411801561392d575061060f60f31b6139218787016020015190565b6001600160f01b031916145b90505f61393d8215156002614c59565b613948906028614a5b565b9050806139558787614dcc565b03613976575f5f613967898989613cf5565b909650945061397f9350505050565b5f5f9350935050505b935093915050565b5f306001600160a01b037f0000000000000000000000000000000000000000000000000000000000000000161480156139df57507f000000000000000000000000000000000000000000000000000000000000000046145b15613a0957507f000000000000000000000000000000000000000000000000000000000000000090565b610aec604080517f8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f60208201527f0000000000000000000000000000000000000000000000000000000000000000918101919091527f000000000000000000000000000000000000000000000000000000000000000060608201524660808201523060a08201525f9060c00160405160208183030381529060405280519060200120905090565b5f5f5f8351604103613ae7576020840151604085015160608601515f1a613ad988828585613db6565b955095509550505050613af2565b505081515f91506002905b9250925092565b805160408051630b135d3f60e11b8082526004820186905260248201929092525f92906020820185604483015e5f82606483010152601f820160051c60051b915060205f60648401838a5afa9050825f5114601f3d1116811693505050509392505050565b5f8581526007602090815260408083206001600160a01b03881684526003810190925282205460ff1615613bb0576040516371c6af4960e01b81526001600160a01b0387166004820152602401610d9f565b6001600160a01b0386165f9081526003820160205260409020805460ff1916600117905560ff8516613bf95783815f015f828254613bee9190614a5b565b90915550613c4f9050565b5f1960ff861601613c175783816001015f828254613bee9190614a5b565b60011960ff861601613c365783816002015f828254613bee9190614a5b565b6040516303599be160e11b815260040160405180910390fd5b509195945050505050565b5f60ff8216601f811115610ab657604051632cd44ac360e21b815260040160405180910390fd5b80545f9081906001600160801b0380821691600160801b9004168103613cac57505f93849350915050565b6001600160801b038181165f908152600186810160205260408220805492905586546fffffffffffffffffffffffffffffffff1916938101909216929092179094559293915050565b5f808481613d04866001614a5b565b85118015613d2c575061060f60f31b613d208388016020015190565b6001600160f01b031916145b90505f613d3c8215156002614c59565b90505f80613d4a838a614a5b565b90505b87811015613da5575f613d6b613d668784016020015190565b613e7e565b9050600f8160ff161115613d8a575f5f9750975050505050505061397f565b613d95601084614c59565b60ff909116019150600101613d4d565b506001999098509650505050505050565b5f80807f7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0841115613def57505f91506003905082613e74565b604080515f808252602082018084528a905260ff891692820192909252606081018790526080810186905260019060a0016020604051602081039080840390855afa158015613e40573d5f5f3e3d5ffd5b5050604051601f1901519150506001600160a01b038116613e6b57505f925060019150829050613e74565b92505f91508190505b9450945094915050565b5f60f882901c602f81118015613e975750603a8160ff16105b15613ea557602f1901610ab6565b60608160ff16118015613ebb575060678160ff16105b15613ec95760561901610ab6565b60408160ff16118015613edf575060478160ff16105b15613eed5760361901610ab6565b5060ff92915050565b5f60208284031215613f06575f5ffd5b81356001600160e01b031981168114611771575f5ffd5b5f81518084528060208401602086015e5f602082860101526020601f19601f83011685010191505092915050565b602081525f6117716020830184613f1d565b5f60208284031215613f6d575f5ffd5b5035919050565b80356001600160a01b0381168114611649575f5ffd5b634e487b7160e01b5f52604160045260245ffd5b604051601f8201601f191681016001600160401b0381118282101715613fc657613fc6613f8a565b604052919050565b5f6001600160401b03821115613fe657613fe6613f8a565b50601f01601f191660200190565b5f82601f830112614003575f5ffd5b8135602083015f61401b61401684613fce565b613f9e565b905082815285838301111561402e575f5ffd5b828260208301375f92810160200192909252509392505050565b5f5f5f5f6080858703121561405b575f5ffd5b61406485613f74565b935061407260208601613f74565b92506040850135915060608501356001600160401b03811115614093575f5ffd5b61409f87828801613ff4565b91505092959194509250565b5f6001600160401b038211156140c3576140c3613f8a565b5060051b60200190565b5f82601f8301126140dc575f5ffd5b81356140ea614016826140ab565b8082825260208201915060208360051b86010192508583111561410b575f5ffd5b602085015b8381101561412f5761412181613f74565b835260209283019201614110565b5095945050505050565b5f82601f830112614148575f5ffd5b8135614156614016826140ab565b8082825260208201915060208360051b860101925085831115614177575f5ffd5b602085015b8381101561412f57803583526020928301920161417c565b5f82601f8301126141a3575f5ffd5b81356141b1614016826140ab565b8082825260208201915060208360051b8601019250858311156141d2575f5ffd5b602085015b8381101561412f5780356001600160401b038111156141f4575f5ffd5b614203886020838a0101613ff4565b845250602092830192016141d7565b5f5f5f5f60808587031215614225575f5ffd5b84356001600160401b0381111561423a575f5ffd5b614246878288016140cd565b94505060208501356001600160401b03811115614261575f5ffd5b61426d87828801614139565b93505060408501356001600160401b03811115614288575f5ffd5b61429487828801614194565b949793965093946060013593505050565b634e487b7160e01b5f52602160045260245ffd5b60088110612f5657612f566142a5565b602081016142d6836142b9565b91905290565b5f5f604083850312156142ed575f5ffd5b823591506142fd60208401613f74565b90509250929050565b803560088110611649575f5ffd5b803560048110611649575f5ffd5b5f5f5f5f5f5f60c08789031215614337575f5ffd5b61434087614306565b955061434e60208801614314565b945060408701356001600160401b03811115614368575f5ffd5b61437489828a016140cd565b94505060608701356001600160401b0381111561438f575f5ffd5b61439b89828a01614139565b93505060808701356001600160401b038111156143b6575f5ffd5b6143c289828a01614194565b92505060a08701356001600160401b038111156143dd575f5ffd5b6143e989828a01613ff4565b9150509295509295509295565b60208101600983106142d6576142d66142a5565b803560ff81168114611649575f5ffd5b5f5f6040838503121561442b575f5ffd5b823591506142fd6020840161440a565b5f5f83601f84011261444b575f5ffd5b5081356001600160401b03811115614461575f5ffd5b602083019150836020828501011115614478575f5ffd5b9250929050565b5f5f5f5f5f5f5f60c0888a031215614495575f5ffd5b873596506144a56020890161440a565b95506144b360408901613f74565b945060608801356001600160401b038111156144cd575f5ffd5b6144d98a828b0161443b565b90955093505060808801356001600160401b038111156144f7575f5ffd5b6145038a828b01613ff4565b92505060a08801356001600160401b0381111561451e575f5ffd5b61452a8a828b01613ff4565b91505092959891949750929550565b5f5f5f5f5f6080868803121561454d575f5ffd5b8535945061455d6020870161440a565b935060408601356001600160401b03811115614577575f5ffd5b6145838882890161443b565b90945092505060608601356001600160401b038111156145a1575f5ffd5b6145ad88828901613ff4565b9150509295509295909350565b5f5f5f5f606085870312156145cd575f5ffd5b843593506145dd6020860161440a565b925060408501356001600160401b038111156145f7575f5ffd5b6146038782880161443b565b95989497509550505050565b5f5f5f5f60808587031215614622575f5ffd5b84356001600160401b03811115614637575f5ffd5b614643878288016140cd565b94505060208501356001600160401b0381111561465e575f5ffd5b61466a87828801614139565b93505060408501356001600160401b03811115614685575f5ffd5b61469187828801614194565b92505060608501356001600160401b03811115614093575f5ffd5b5f602082840312156146bc575f5ffd5b61177182613f74565b5f8151808452602084019350602083015f5b828110156146f55781518652602095860195909101906001016146d7565b5093949350505050565b60ff60f81b8816815260e060208201525f61471d60e0830189613f1d565b828103604084015261472f8189613f1d565b606084018890526001600160a01b038716608085015260a0840186905283810360c0850152905061476081856146c5565b9a9950505050505050505050565b5f5f5f5f60808587031215614781575f5ffd5b843593506147916020860161440a565b925061479f60408601613f74565b915060608501356001600160401b03811115614093575f5ffd5b5f5f5f606084860312156147cb575f5ffd5b6147d484613f74565b92506020840135915060408401356001600160401b038111156147f5575f5ffd5b61480186828701613ff4565b9150509250925092565b602081525f61177160208301846146c5565b6004811061482d5761482d6142a5565b9052565b815160c0820190614841816142b9565b808352506020830151614857602084018261481d565b5063ffffffff604084015116604083015263ffffffff606084015116606083015260ff608084015116608083015261ffff60a08401511660a083015292915050565b5f5f5f5f5f60a086880312156148ad575f5ffd5b6148b686613f74565b94506148c460208701613f74565b935060408601356001600160401b038111156148de575f5ffd5b6148ea88828901614139565b93505060608601356001600160401b03811115614905575f5ffd5b61491188828901614139565b92505060808601356001600160401b038111156145a1575f5ffd5b5f5f5f5f6060858703121561493f575f5ffd5b61494885613f74565b93506020850135925060408501356001600160401b038111156145f7575f5ffd5b5f5f6040838503121561497a575f5ffd5b61498383613f74565b946020939093013593505050565b5f5f5f5f5f60a086880312156149a5575f5ffd5b6149ae86613f74565b94506149bc60208701613f74565b9350604086013592506060860135915060808601356001600160401b038111156145a1575f5ffd5b600181811c908216806149f857607f821691505b602082108103614a1657634e487b7160e01b5f52602260045260245ffd5b50919050565b5f60208284031215614a2c575f5ffd5b5051919050565b634e487b7160e01b5f52603260045260245ffd5b634e487b7160e01b5f52601160045260245ffd5b80820180821115610ab657610ab6614a47565b5f60208284031215614a7e575f5ffd5b81518015158114611771575f5ffd5b5f60018201614a9e57614a9e614a47565b5060010190565b60408101614ab2846142b9565b838252611771602083018461481d565b5f60208284031215614ad2575f5ffd5b81516001600160401b03811115614ae7575f5ffd5b8201601f81018413614af7575f5ffd5b8051614b0561401682613fce565b818152856020838501011115614b19575f5ffd5b8160208401602083015e5f91810160200191909152949350505050565b5f60208284031215614b46575f5ffd5b815165ffffffffffff81168114611771575f5ffd5b65ffffffffffff8181168382160190811115610ab657610ab6614a47565b818382375f9101908152919050565b5f8151808452602084019350602083015f5b828110156146f55781516001600160a01b0316865260209586019590910190600101614b9a565b5f82825180855260208501945060208160051b830101602085015f5b83811015610e4957601f19858403018852614bf9838351613f1d565b6020988901989093509190910190600101614bdd565b608081525f614c216080830187614b88565b8281036020840152614c3381876146c5565b90508281036040840152614c478186614bc1565b91505082606083015295945050505050565b8082028115828204841417610ab657610ab6614a47565b83815260608101614c80846142b9565b602082019390935260400152919050565b60a081525f614ca360a0830188614b88565b8281036020840152614cb581886146c5565b90508281036040840152614cc98187614bc1565b60608401959095525050608001529392505050565b60c081525f614cf060c0830189614b88565b8281036020840152614d0281896146c5565b90508281036040840152614d168188614bc1565b60608401969096525050608081019290925260a0909101529392505050565b805160208201516001600160e01b0319811691906004821015614d6c576001600160e01b0319600483900360031b81901b82161692505b5050919050565b5f60208284031215614d83575f5ffd5b815160038110611771575f5ffd5b82815260408101614da1836142b9565b8260208301529392505050565b65ffffffffffff8281168282160390811115610ab657610ab6614a47565b81810381811115610ab657610ab6614a47565b634e487b7160e01b5f52603160045260245ffd5b60ff8181168382160190811115610ab657610ab6614a47565b6001815b600184111561397f57808504811115614e2b57614e2b614a47565b6001841615614e3957908102905b60019390931c928002614e10565b5f82614e5557506001610ab6565b81614e6157505f610ab6565b8160018114614e775760028114614e8157614e9d565b6001915050610ab6565b60ff841115614e9257614e92614a47565b50506001821b610ab6565b5060208310610133831016604e8410600b8410161715614ec0575081810a610ab6565b614ecc5f198484614e0c565b805f1904821115612fc357612fc3614a47565b5f61177160ff841683614e47565b84815260ff84166020820152826040820152608060608201525f6118e26080830184613f1d565b85815260ff8516602082015283604082015260a060608201525f614f3b60a0830185613f1d565b82810360808401526118488185613f1d565b634e487b7160e01b5f52601260045260245ffd5b8981526001600160a01b0389166020820152610120604082018190525f90614f8b9083018a614b88565b8281036060840152614f9d818a6146c5565b9050828103608084015280885180835260208301915060208160051b84010160208b015f5b83811015614ff457601f19868403018552614fde838351613f1d565b6020958601959093509190910190600101614fc2565b505085810360a0870152615008818b614bc1565b93505050508560c08401528460e084015282810361010084015261502c8185613f1d565b9c9b50505050505050505050505056fe474f565f5349474e4154555245535f454d455247454e43595f53485554444f574e474f565f5349474e4154555245535f454d455247454e43595f53485554444f574e' as Hex,
  deployedBytecode:
    '0x60806040526004361061028e575f3560e01c80637b3c71d311610155578063badc2dff116100be578063dd4e2ba511610078578063dd4e2ba514610949578063deaaa7cc1461098e578063eb9019d4146109c1578063f23a6e61146109e0578063f8ce560a146109ff578063fc0c546a14610a1e575f5ffd5b8063badc2dff1461087b578063bc197c81146108a7578063c01f9e37146108c6578063c28bc2fa146108e5578063c59057e4146108f8578063d33219b414610917575f5ffd5b80639a802a6d1161010f5780639a802a6d146107a8578063a12605ca146107c7578063a8f8a668146107f3578063a9a9529414610812578063ab58fb8e14610832578063b58131b014610868575f5ffd5b80637b3c71d3146106c55780637d5e81e2146106e45780637ecebe001461070357806384b0196e146107375780638ff262e31461075e57806391ddadf41461077d575f5ffd5b806343859632116101f757806354fd4d50116101b157806354fd4d50146105d957806356781388146106025780635b8d0e0d146106215780635db82fa0146106405780635f398a14146106735780637b10399914610692575f5ffd5b806343859632146104c057806344c6431614610508578063452115d6146105275780634bf5d7e914610546578063544ffc9c1461055a57806354d9eef6146105ad575f5ffd5b8063160cbed711610248578063160cbed7146103fc5780632656227d1461041b5780632d63f6931461042e5780632fe3e2611461044d5780633932abb1146104805780633e4f49e614610494575f5ffd5b806301ffc9a7146102e257806302a251a31461031657806306fdde03146103385780630716fa2f14610359578063143489d014610378578063150b7a02146103c4575f5ffd5b366102de57307f00000000000000000000000000000000000000000000000000000000000000006001600160a01b0316146102dc57604051637485328f60e11b815260040160405180910390fd5b005b5f5ffd5b3480156102ed575f5ffd5b506103016102fc366004613ef6565b610a50565b60405190151581526020015b60405180910390f35b348015610321575f5ffd5b5061032a610abc565b60405190815260200161030d565b348015610343575f5ffd5b5061034c610af1565b60405161030d9190613f4b565b348015610364575f5ffd5b5061032a610373366004613f5d565b610b81565b348015610383575f5ffd5b506103ac610392366004613f5d565b5f908152600460205260409020546001600160a01b031690565b6040516001600160a01b03909116815260200161030d565b3480156103cf575f5ffd5b506103e36103de366004614048565b610d01565b6040516001600160e01b0319909116815260200161030d565b348015610407575f5ffd5b5061032a610416366004614212565b610d5c565b61032a610429366004614212565b610e55565b348015610439575f5ffd5b5061032a610448366004613f5d565b610fe7565b348015610458575f5ffd5b5061032a7f3e83946653575f9a39005e1545185629e92736b7528ab20ca3816f315424a81181565b34801561048b575f5ffd5b5061032a611007565b34801561049f575f5ffd5b506104b36104ae366004613f5d565b61103b565b60405161030d91906142c9565b3480156104cb575f5ffd5b506103016104da3660046142dc565b5f8281526007602090815260408083206001600160a01b038516845260030190915290205460ff1692915050565b348015610513575f5ffd5b5061032a610522366004614322565b61123f565b348015610532575f5ffd5b5061032a610541366004614212565b61155a565b348015610551575f5ffd5b5061034c6115bb565b348015610565575f5ffd5b50610592610574366004613f5d565b5f908152600760205260409020805460018201546002909201549092565b6040805193845260208401929092529082015260600161030d565b3480156105b8575f5ffd5b506105cc6105c7366004613f5d565b61164e565b60405161030d91906143f6565b3480156105e4575f5ffd5b506040805180820190915260018152603160f81b602082015261034c565b34801561060d575f5ffd5b5061032a61061c36600461441a565b611778565b34801561062c575f5ffd5b5061032a61063b36600461447f565b611797565b34801561064b575f5ffd5b506103ac7f000000000000000000000000000000000000000000000000000000000000000081565b34801561067e575f5ffd5b5061032a61068d366004614539565b611854565b34801561069d575f5ffd5b506103ac7f000000000000000000000000000000000000000000000000000000000000000081565b3480156106d0575f5ffd5b5061032a6106df3660046145ba565b61189c565b3480156106ef575f5ffd5b5061032a6106fe36600461460f565b6118ec565b34801561070e575f5ffd5b5061032a61071d3660046146ac565b6001600160a01b03165f9081526002602052604090205490565b348015610742575f5ffd5b5061074b6118fb565b60405161030d97969594939291906146ff565b348015610769575f5ffd5b5061032a61077836600461476e565b61193d565b348015610788575f5ffd5b5061079161198c565b60405165ffffffffffff909116815260200161030d565b3480156107b3575f5ffd5b5061032a6107c23660046147b9565b611a13565b3480156107d2575f5ffd5b506107e66107e13660046146ac565b611a1f565b60405161030d919061480b565b3480156107fe575f5ffd5b5061032a61080d366004614212565b611b0a565b34801561081d575f5ffd5b5061030161082c366004613f5d565b50600190565b34801561083d575f5ffd5b5061032a61084c366004613f5d565b5f9081526004602052604090206001015465ffffffffffff1690565b348015610873575f5ffd5b50600161032a565b348015610886575f5ffd5b5061089a610895366004613f5d565b611b17565b60405161030d9190614831565b3480156108b2575f5ffd5b506103e36108c1366004614899565b611c0d565b3480156108d1575f5ffd5b5061032a6108e0366004613f5d565b611c69565b6102dc6108f336600461492c565b611cab565b348015610903575f5ffd5b5061032a610912366004614212565b611d27565b348015610922575f5ffd5b507f00000000000000000000000000000000000000000000000000000000000000006103ac565b348015610954575f5ffd5b5060408051808201909152601881527f737570706f72743d627261766f2671756f72756d3d666f720000000000000000602082015261034c565b348015610999575f5ffd5b5061032a7ff2aad550cf55f045cb27e9c559f9889fdfb6e6cdaa032301d6ea397784ae51d781565b3480156109cc575f5ffd5b5061032a6109db366004614969565b611d60565b3480156109eb575f5ffd5b506103e36109fa366004614991565b611d7f565b348015610a0a575f5ffd5b5061032a610a19366004613f5d565b611ddb565b348015610a29575f5ffd5b507f00000000000000000000000000000000000000000000000000000000000000006103ac565b5f6001600160e01b031982166366defe7760e11b1480610a8057506001600160e01b031982166332a2ad4360e11b145b80610a9b57506001600160e01b03198216630271189760e51b145b80610ab657506301ffc9a760e01b6001600160e01b03198316145b92915050565b5f610aec6040518060400160405280600e81526020016d474f565f564f54494e475f53454360901b815250611ea0565b905090565b606060038054610b00906149e4565b80601f0160208091040260200160405190810160405280929190818152602001828054610b2c906149e4565b8015610b775780601f10610b4e57610100808354040283529160200191610b77565b820191905f5260205f20905b815481529060010190602001808311610b5a57829003601f168201915b5050505050905090565b5f81815260086020526040808220815160c08101909252805483929190829060ff166007811115610bb457610bb46142a5565b6007811115610bc557610bc56142a5565b81528154602090910190610100900460ff166003811115610be857610be86142a5565b6003811115610bf957610bf96142a5565b8152905463ffffffff62010000820481166020840152600160301b820416604083015260ff600160501b820416606083015261ffff600160581b9091041660809091015290505f6001600160a01b037f000000000000000000000000000000000000000000000000000000000000000016638e539e8c610c7886610fe7565b6040518263ffffffff1660e01b8152600401610c9691815260200190565b602060405180830381865afa158015610cb1573d5f5f3e3d5ffd5b505050506040513d601f19601f82011682018060405250810190610cd59190614a1c565b9050610cf9610ceb82846080015160ff16611f36565b8360a0015161ffff16611f4b565b949350505050565b5f307f00000000000000000000000000000000000000000000000000000000000000006001600160a01b031614610d4b57604051637485328f60e11b815260040160405180910390fd5b50630a85bd0160e11b949350505050565b5f5f610d6a86868686611b0a565b90506001610d8182610d7c6004611f5a565b611f7c565b5080610da85760405163d838bcb760e01b8152600481018390526024015b60405180910390fd5b5f610db68389898989611fb9565b905065ffffffffffff811615610e2d575f83815260046020908152604091829020600101805465ffffffffffff191665ffffffffffff85169081179091558251868152918201527f9a2e42fd6722813d69113e7d0079d3d940171428df7373df9c7f7617cfda2892910160405180910390a1610e49565b60405163ab2d031160e01b815260048101849052602401610d9f565b50909695505050505050565b5f5f610e6386868686611b0a565b90506001610e7582610d7c6005611f5a565b505f828152600460205260409020805460ff60f01b1916600160f01b17905530610ebc7f000000000000000000000000000000000000000000000000000000000000000090565b6001600160a01b031614610f45575f5b8751811015610f4357306001600160a01b0316888281518110610ef157610ef1614a33565b60200260200101516001600160a01b031603610f3b57610f3b868281518110610f1c57610f1c614a33565b602002602001015180519060200120600561212590919063ffffffff16565b600101610ecc565b505b610f528288888888612146565b307f00000000000000000000000000000000000000000000000000000000000000006001600160a01b031614158015610fa057506005546001600160801b03808216600160801b9092041614155b15610faa575f6005555b6040518281527f712ae1383f79ac853f8d882153778e0260ef8f03b504e2866e0593e04d2b291f9060200160405180910390a15095945050505050565b5f90815260046020526040902054600160a01b900465ffffffffffff1690565b5f610aec60405180604001604052806012815260200171474f565f44495343555353494f4e5f53454360701b815250611ea0565b5f5f611046836121e5565b5f84815260086020526040902054909150600160301b900463ffffffff166004826007811115611078576110786142a5565b14801561109757508061108a85611c69565b6110949190614a5b565b42115b156110a6575060069392505050565b60058260078111156110ba576110ba6142a5565b146110c6575092915050565b5f8481526009602052604090819020549051632ab0f52960e01b8152600481018290527f00000000000000000000000000000000000000000000000000000000000000006001600160a01b031690632ab0f52990602401602060405180830381865afa158015611138573d5f5f3e3d5ffd5b505050506040513d601f19601f8201168201806040525081019061115c9190614a6e565b1561116c57506007949350505050565b60405163031d507560e41b8152600481018290527f00000000000000000000000000000000000000000000000000000000000000006001600160a01b0316906331d5075090602401602060405180830381865afa1580156111cf573d5f5f3e3d5ffd5b505050506040513d601f19601f820116820180604052508101906111f39190614a6e565b61120257506002949350505050565b5f8581526004602052604090206001015461122690839065ffffffffffff16614a5b565b4211611233576005611236565b60065b95945050505050565b5f3360038781811115611254576112546142a5565b14801561137a57507f00000000000000000000000000000000000000000000000000000000000000006001600160a01b03166391d148547f00000000000000000000000000000000000000000000000000000000000000006001600160a01b03166375b238fc6040518163ffffffff1660e01b8152600401602060405180830381865afa1580156112e7573d5f5f3e3d5ffd5b505050506040513d601f19601f8201168201806040525081019061130b9190614a1c565b6040516001600160e01b031960e084901b16815260048101919091526001600160a01b0384166024820152604401602060405180830381865afa158015611354573d5f5f3e3d5ffd5b505050506040513d601f19601f820116820180604052508101906113789190614a6e565b155b156113a357604051638c154c0760e01b81526001600160a01b0382166004820152602401610d9f565b5f5b8651811080156113b55750845181105b15611408576113f889828984815181106113d1576113d1614a33565b60200260200101518885815181106113eb576113eb614a33565b6020026020010151612316565b61140181614a8d565b90506113a5565b5061141586868686612641565b915061142188886126e7565b5f83815260086020526040902081518154829060ff1916600183600781111561144c5761144c6142a5565b021790555060208201518154829061ff001916610100836003811115611474576114746142a5565b0217905550604082015181546060840151608085015160a09095015161ffff16600160581b0261ffff60581b1960ff909616600160501b029590951662ffffff60501b1963ffffffff928316600160301b0269ffffffff000000000000199390951662010000029290921669ffffffffffffffff0000199093169290921792909217919091161791909117905561150b8183612890565b806001600160a01b0316827fedc2213e2f24947dc9bdda43944826d09bf1188cc43b6e441075210d31c3c64c8a8a604051611547929190614aa5565b60405180910390a3509695505050505050565b5f5f61156886868686611b0a565b90503361157582826129d1565b6115a457604051638fe5d8a960e01b8152600481018390526001600160a01b0382166024820152604401610d9f565b6115b087878787612a16565b979650505050505050565b60607f00000000000000000000000000000000000000000000000000000000000000006001600160a01b0316634bf5d7e96040518163ffffffff1660e01b81526004015f60405180830381865afa92505050801561163a57506040513d5f823e601f3d908101601f191682016040526116379190810190614ac2565b60015b61164957610aec61198c612ad6565b919050565b5f5f6116598361103b565b90505f81600781111561166e5761166e6142a5565b0361167b57505f92915050565b600181600781111561168f5761168f6142a5565b0361169d5750600192915050565b60048160078111156116b1576116b16142a5565b036116bf5750600292915050565b60078160078111156116d3576116d36142a5565b036116e15750600592915050565b60028160078111156116f5576116f56142a5565b036117035750600692915050565b6006816007811115611717576117176142a5565b036117255750600792915050565b6003816007811115611739576117396142a5565b036117475750600892915050565b5f8381526004602052604090206001015465ffffffffffff1642101561176e576003611771565b60045b9392505050565b5f80339050610cf984828560405180602001604052805f815250612aec565b5f6117dd88888888888080601f0160208091040260200160405190810160405280939291908181526020018383808284375f920191909152508a9250899150612b0d9050565b611805576040516394ab6c0760e01b81526001600160a01b0387166004820152602401610d9f565b61184888878988888080601f0160208091040260200160405190810160405280939291908181526020018383808284375f920191909152508a9250612bda915050565b98975050505050505050565b5f803390506115b087828888888080601f0160208091040260200160405190810160405280939291908181526020018383808284375f920191909152508a9250612bda915050565b5f803390506118e286828787878080601f0160208091040260200160405190810160405280939291908181526020018383808284375f92019190915250612aec92505050565b9695505050505050565b5f6112365f5f8787878761123f565b5f6060805f5f5f606061190c612cb7565b611914612ce2565b604080515f80825260208201909252600f60f81b9b939a50919850469750309650945092509050565b5f61194a85858585612d0d565b611972576040516394ab6c0760e01b81526001600160a01b0384166004820152602401610d9f565b61123685848660405180602001604052805f815250612aec565b5f7f00000000000000000000000000000000000000000000000000000000000000006001600160a01b03166391ddadf46040518163ffffffff1660e01b8152600401602060405180830381865afa925050508015611a07575060408051601f3d908101601f19168201909252611a0491810190614b36565b60015b61164957610aec612d96565b5f610cf9848484612da0565b6001600160a01b0381165f908152600a602052604090208054606091906001600160401b03811115611a5357611a53613f8a565b604051908082528060200260200182016040528015611a7c578160200160208202803683370190505b5091505f805b8254811015611b0157611aae838281548110611aa057611aa0614a33565b905f5260205f200154612e33565b15611af957828181548110611ac557611ac5614a33565b905f5260205f200154848380611ada90614a8d565b945081518110611aec57611aec614a33565b6020026020010181815250505b600101611a82565b50825250919050565b5f61123685858585611d27565b611b4e6040805160c08101909152805f81526020015f81525f60208201819052604082018190526060820181905260809091015290565b5f8281526008602052604090819020815160c081019092528054829060ff166007811115611b7e57611b7e6142a5565b6007811115611b8f57611b8f6142a5565b81528154602090910190610100900460ff166003811115611bb257611bb26142a5565b6003811115611bc357611bc36142a5565b8152905463ffffffff62010000820481166020840152600160301b820416604083015260ff600160501b820416606083015261ffff600160581b9091041660809091015292915050565b5f307f00000000000000000000000000000000000000000000000000000000000000006001600160a01b031614611c5757604051637485328f60e11b815260040160405180910390fd5b5063bc197c8160e01b95945050505050565b5f81815260046020526040812054611c9d90600160d01b810463ffffffff1690600160a01b900465ffffffffffff16614b5b565b65ffffffffffff1692915050565b611cb3612eae565b5f5f856001600160a01b0316858585604051611cd0929190614b79565b5f6040518083038185875af1925050503d805f8114611d0a576040519150601f19603f3d011682016040523d82523d5f602084013e611d0f565b606091505b5091509150611d1e8282612f5a565b50505050505050565b5f84848484604051602001611d3f9493929190614c0f565b60408051601f19818403018152919052805160209091012095945050505050565b5f6117718383611d7a60408051602081019091525f815290565b612da0565b5f307f00000000000000000000000000000000000000000000000000000000000000006001600160a01b031614611dc957604051637485328f60e11b815260040160405180910390fd5b5063f23a6e6160e01b95945050505050565b604051632394e7a360e21b8152600481018290525f90610ab6906001600160a01b037f00000000000000000000000000000000000000000000000000000000000000001690638e539e8c90602401602060405180830381865afa158015611e44573d5f5f3e3d5ffd5b505050506040513d601f19601f82011682018060405250810190611e689190614a1c565b611e9b6040518060400160405280601281526020017111d3d597d45553d4955357d4115490d1539560721b815250611ea0565b611f36565b8051602082012060405163023aa9ab60e61b81525f916001600160a01b037f00000000000000000000000000000000000000000000000000000000000000001691638eaa6ac091611ef79160040190815260200190565b602060405180830381865afa158015611f12573d5f5f3e3d5ffd5b505050506040513d601f19601f82011682018060405250810190610ab69190614a1c565b5f611771611f448385614c59565b6064612f97565b5f828218828411028218611771565b5f816007811115611f6d57611f6d6142a5565b600160ff919091161b92915050565b5f5f611f878461103b565b90505f83611f9483611f5a565b1603611771578381846040516331b75e4d60e01b8152600401610d9f93929190614c70565b5f8581526008602052604081205462010000900463ffffffff16813060601b6bffffffffffffffffffffffff1916841860405163b1c5f42760e01b81529091506001600160a01b037f0000000000000000000000000000000000000000000000000000000000000000169063b1c5f42790612040908a908a908a905f908890600401614c91565b602060405180830381865afa15801561205b573d5f5f3e3d5ffd5b505050506040513d601f19601f8201168201806040525081019061207f9190614a1c565b5f898152600960205260408082209290925590516308f2a0bb60e41b81526001600160a01b037f00000000000000000000000000000000000000000000000000000000000000001691638f2a0bb0916120e4918b918b918b9188908a90600401614cde565b5f604051808303815f87803b1580156120fb575f5ffd5b505af115801561210d573d5f5f3e3d5ffd5b5050505061184882426121209190614a5b565b612fcb565b5f6121308383613001565b905080612141576121416041613066565b505050565b60405163e38335e560e01b81527f00000000000000000000000000000000000000000000000000000000000000006001600160a01b03169063e38335e59034906121b0908890889088905f906bffffffffffffffffffffffff193060601b168a1890600401614c91565b5f604051808303818588803b1580156121c7575f5ffd5b505af11580156121d9573d5f5f3e3d5ffd5b50505050505050505050565b5f818152600460205260408120805460ff600160f01b8204811691600160f81b900416811561221957506007949350505050565b801561222a57506002949350505050565b5f61223486610fe7565b9050805f0361225957604051636ad0607560e01b815260048101879052602401610d9f565b5f61226261198c565b65ffffffffffff16905080821061227f57505f9695505050505050565b5f61228988611c69565b90508181106122a057506001979650505050505050565b6122a988613077565b15806122c857505f888152600760205260409020805460019091015411155b156122db57506003979650505050505050565b5f8881526004602052604090206001015465ffffffffffff165f0361230857506004979650505050505050565b506005979650505050505050565b600184600781111561232a5761232a6142a5565b1461263b575f61233982614d35565b90507f00000000000000000000000000000000000000000000000000000000000000006001600160a01b0316836001600160a01b031614801561238b57506001600160e01b03198116629cfd2560e61b145b801561239957506024825110155b156124c45760248281015160405163edf1f39d60e01b81526004810182905290915f917f00000000000000000000000000000000000000000000000000000000000000006001600160a01b03169163edf1f39d9101602060405180830381865afa158015612409573d5f5f3e3d5ffd5b505050506040513d601f19601f8201168201806040525081019061242d9190614d73565b90505f816002811115612442576124426142a5565b0361244f5750505061263b565b6002816002811115612463576124636142a5565b03612486578560016040516305a7a33b60e01b8152600401610d9f929190614d91565b600787600781111561249a5761249a6142a5565b146124bd578560076040516305a7a33b60e01b8152600401610d9f929190614d91565b5050612639565b7f00000000000000000000000000000000000000000000000000000000000000006001600160a01b0316836001600160a01b031614801561251557506001600160e01b03198116637647b90d60e01b145b1561255657600485600781111561252e5761252e6142a5565b14612551578360046040516305a7a33b60e01b8152600401610d9f929190614d91565b612639565b6001600160a01b03831630148061259e57507f00000000000000000000000000000000000000000000000000000000000000006001600160a01b0316836001600160a01b0316145b806125da57507f00000000000000000000000000000000000000000000000000000000000000006001600160a01b0316836001600160a01b0316145b8061261657507f00000000000000000000000000000000000000000000000000000000000000006001600160a01b0316836001600160a01b0316145b15612639578360016040516305a7a33b60e01b8152600401610d9f929190614d91565b505b50505050565b5f3361264d8184613099565b6126755760405163d9b3955760e01b81526001600160a01b0382166004820152602401610d9f565b60015f61269d83600161268661198c565b6126909190614dae565b65ffffffffffff16611d60565b9050818110156126d957604051636121770b60e11b81526001600160a01b03841660048201526024810182905260448101839052606401610d9f565b506115b0878787878661311d565b61271e6040805160c08101909152805f81526020015f81525f60208201819052604082018190526060820181905260809091015290565b5f6007846007811115612733576127336142a5565b14806127505750600184600781111561274e5761274e6142a5565b145b90506040518060c0016040528085600781111561276f5761276f6142a5565b8152602001846003811115612786576127866142a5565b81526020016127a461279f61279a87613328565b611ea0565b613446565b63ffffffff1681526020016127e061279f6040518060400160405280600d81526020016c474f565f47524143455f53454360981b815250611ea0565b63ffffffff16815260200161286661286184612826576040518060400160405280601281526020017111d3d597d45553d4955357d4115490d1539560721b815250611ea0565b6040518060400160405280601981526020017f474f565f53555045524d414a4f524954595f50455243454e5400000000000000815250611ea0565b613476565b60ff16815260200161288261287d61279a886134a3565b613701565b61ffff169052949350505050565b6001600160a01b0382165f908152600a60205260408120905b815481101561294b576128c7828281548110611aa057611aa0614a33565b156128dc576128d581614a8d565b90506128a9565b815482906128ec90600190614dcc565b815481106128fc576128fc614a33565b905f5260205f20015482828154811061291757612917614a33565b905f5260205f2001819055508180548061293357612933614ddf565b600190038181905f5260205f20015f905590556128a9565b5f61298360405180604001604052806016815260200175474f565f4d41585f4f50454e5f50524f504f53414c5360501b815250611ea0565b835490915081116129b95760405163ef63f82960e01b81526001600160a01b038616600482015260248101829052604401610d9f565b505080546001810182555f9182526020909120015550565b5f806129dc8461103b565b60078111156129ed576129ed6142a5565b1480156117715750505f91825260046020526040909120546001600160a01b0391821691161490565b5f5f612a2486868686611b0a565b9050612a7281612a346007611f5a565b612a3e6006611f5a565b612a486002611f5a565b6001612a55600782614df3565b612a60906002614edf565b612a6a9190614dcc565b181818611f7c565b505f818152600460205260409081902080546001600160f81b0316600160f81b179055517f789cf55be980739dad1d0699b93b58e806b51c9d96619bfa8fe0a28abaa7b30c90612ac59083815260200190565b60405180910390a195945050505050565b6060610ab6612ae78363ffffffff16565b61372f565b5f61123685858585612b0860408051602081019091525f815290565b612bda565b5f6115b085612bd47f3e83946653575f9a39005e1545185629e92736b7528ab20ca3816f315424a8118a8a8a612b5f8c6001600160a01b03165f90815260026020526040902080546001810190915590565b8b516020808e01919091208c518d830120604051612bb998979695949301968752602087019590955260ff9390931660408601526001600160a01b03919091166060850152608084015260a083015260c082015260e00190565b604051602081830303815290604052805190602001206137a1565b846137cd565b5f612be986610d7c6001611f5a565b505f612bfe86612bf889610fe7565b85612da0565b90505f612c0e888888858861383d565b905083515f03612c6457866001600160a01b03167fb8e138887d0aa13bab447e82de9d5c1777041ecd21ca36ba824ff1e6c07ddda489888489604051612c579493929190614eed565b60405180910390a2612cae565b866001600160a01b03167fe2babfbac5889a709b63bb7f598b324e08bc5a4fb9ec647fb3cbc9ec07eb87128988848989604051612ca5959493929190614f14565b60405180910390a25b6115b088612f56565b6060610aec7f0000000000000000000000000000000000000000000000000000000000000000613876565b6060610aec7f0000000000000000000000000000000000000000000000000000000000000000613876565b5f61123683612bd47ff2aad550cf55f045cb27e9c559f9889fdfb6e6cdaa032301d6ea397784ae51d7888888612d5f8a6001600160a01b03165f90815260026020526040902080546001810190915590565b60408051602081019690965285019390935260ff90911660608401526001600160a01b0316608083015260a082015260c001612bb9565b5f610aec43612fcb565b5f7f0000000000000000000000000000000000000000000000000000000000000000604051630748d63560e31b81526001600160a01b038681166004830152602482018690529190911690633a46b1a890604401602060405180830381865afa158015612e0f573d5f5f3e3d5ffd5b505050506040513d601f19601f82011682018060405250810190610cf99190614a1c565b5f5f612e3e8361103b565b90505f816007811115612e5357612e536142a5565b1480612e7057506001816007811115612e6e57612e6e6142a5565b145b80612e8c57506004816007811115612e8a57612e8a6142a5565b145b8061177157506005816007811115612ea657612ea66142a5565b149392505050565b7f00000000000000000000000000000000000000000000000000000000000000006001600160a01b03163314612ef9576040516347096e4760e01b8152336004820152602401610d9f565b307f00000000000000000000000000000000000000000000000000000000000000006001600160a01b031614612f58575f8036604051612f3a929190614b79565b604051809103902090505b80612f5060056138b3565b03612f45575b505b565b60608215612f69575080610ab6565b815115612f7e57612f79826138d2565b610ab6565b60405163d6bda27560e01b815260040160405180910390fd5b5f815f03612fa957612fa96012613066565b816001840381612fbb57612fbb614f4d565b046001018315155b029392505050565b5f65ffffffffffff821115612ffd576040516306dfcc6560e41b81526030600482015260248101839052604401610d9f565b5090565b81545f906001600160801b03600160801b82048116918116600183019091160361302e575f915050610ab6565b6001600160801b038181165f908152600186810160205260409091209490945584549184018116600160801b02911617909255919050565b634e487b715f52806020526024601cfd5b5f8181526007602052604081206001015461309183610b81565b111592915050565b80515f9060348110156130b0576001915050610ab6565b60131981840101516001600160b01b03198116692370726f706f7365723d60b01b146130e157600192505050610ab6565b5f5f6130f186602a8603866138da565b915091508115806115b05750866001600160a01b0316816001600160a01b031614979650505050505050565b5f6131318686868680519060200120611b0a565b90508451865114158061314657508351865114155b8061315057508551155b1561318557855184518651604051630447b05d60e41b8152600481019390935260248301919091526044820152606401610d9f565b5f81815260046020526040902054600160a01b900465ffffffffffff16156131ce57806131b18261103b565b6040516331b75e4d60e01b8152610d9f9291905f90600401614c70565b5f6131d7611007565b6131df61198c565b65ffffffffffff166131f19190614a5b565b90505f6131fc610abc565b5f84815260046020526040902080546001600160a01b0319166001600160a01b03871617815590915061322e83612fcb565b815465ffffffffffff91909116600160a01b0265ffffffffffff60a01b1990911617815561325b82613446565b815463ffffffff91909116600160d01b0263ffffffff60d01b1990911617815588517f7d84a6263ae0d98d3329bd7b46bb4e8d6f98cd35a7adb45c274c8b7fd5ebd5e090859087908c908c906001600160401b038111156132be576132be613f8a565b6040519080825280602002602001820160405280156132f157816020015b60608152602001906001900390816132dc5790505b508c896132fe8a82614a5b565b8e60405161331499989796959493929190614f61565b60405180910390a150505095945050505050565b60605f82600381111561333d5761333d6142a5565b03613372575050604080518082019091526014815273474f565f44454c41595f4e4f524d414c5f53454360601b602082015290565b6001826003811115613386576133866142a5565b036133bb575050604080518082019091526014815273474f565f44454c41595f555247454e545f53454360601b602082015290565b60028260038111156133cf576133cf6142a5565b0361340d57505060408051808201909152601781527f474f565f44454c41595f454d455247454e43595f534543000000000000000000602082015290565b505060408051808201909152601781527f474f565f44454c41595f494d4d4544494154455f534543000000000000000000602082015290565b5f63ffffffff821115612ffd576040516306dfcc6560e41b81526020600482015260248101839052604401610d9f565b5f60ff821115612ffd576040516306dfcc6560e41b81526008600482015260248101839052604401610d9f565b60605f8260078111156134b8576134b86142a5565b036134f657505060408051808201909152601f81527f474f565f5349474e4154555245535f504152414d455445525f4348414e474500602082015290565b600182600781111561350a5761350a6142a5565b0361354857505060408051808201909152601f81527f474f565f5349474e4154555245535f434f4e54524143545f5550475241444500602082015290565b600282600781111561355c5761355c6142a5565b036135805760405180606001604052806021815260200161503d6021913992915050565b6003826007811115613594576135946142a5565b036135d257505060408051808201909152601b81527f474f565f5349474e4154555245535f4b45595f524f544154494f4e0000000000602082015290565b60048260078111156135e6576135e66142a5565b036136245750506040805180820190915260208082527f474f565f5349474e4154555245535f4e4f44455f50524f564953494f4e494e479082015290565b6005826007811115613638576136386142a5565b0361367657505060408051808201909152601c81527f474f565f5349474e4154555245535f504f4c4943595f55504441544500000000602082015290565b600682600781111561368a5761368a6142a5565b036136c857505060408051808201909152601d81527f474f565f5349474e4154555245535f4645455f41444a5553544d454e54000000602082015290565b505060408051808201909152601f81527f474f565f5349474e4154555245535f434f4e53454e5355535f4348414e474500602082015290565b5f61ffff821115612ffd576040516306dfcc6560e41b81526010600482015260248101839052604401610d9f565b6060613739612d96565b65ffffffffffff168265ffffffffffff1614613768576040516301bfc1c560e61b815260040160405180910390fd5b505060408051808201909152601d81527f6d6f64653d626c6f636b6e756d6265722666726f6d3d64656661756c74000000602082015290565b5f610ab66137ad613987565b8360405161190160f01b8152600281019290925260228201526042902090565b5f836001600160a01b03163b5f0361382b575f5f6137eb8585613ab0565b5090925090505f816003811115613804576138046142a5565b1480156138225750856001600160a01b0316826001600160a01b0316145b92505050611771565b613836848484613af9565b9050611771565b5f825f0361386957604051636f2e99c760e01b81526001600160a01b0386166004820152602401610d9f565b6118e28686868686613b5e565b60605f61388283613c5a565b6040805160208082528183019092529192505f91906020820181803683375050509182525060208101929092525090565b5f5f5f6138bf84613c81565b9150915081611771576117716031613066565b805160208201fd5b5f5f84518311806138ea57508284115b156138f957505f90508061397f565b5f613905856001614a5b565b8411801561392d575061060f60f31b6139218787016020015190565b6001600160f01b031916145b90505f61393d8215156002614c59565b613948906028614a5b565b9050806139558787614dcc565b03613976575f5f613967898989613cf5565b909650945061397f9350505050565b5f5f9350935050505b935093915050565b5f306001600160a01b037f0000000000000000000000000000000000000000000000000000000000000000161480156139df57507f000000000000000000000000000000000000000000000000000000000000000046145b15613a0957507f000000000000000000000000000000000000000000000000000000000000000090565b610aec604080517f8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f60208201527f0000000000000000000000000000000000000000000000000000000000000000918101919091527f000000000000000000000000000000000000000000000000000000000000000060608201524660808201523060a08201525f9060c00160405160208183030381529060405280519060200120905090565b5f5f5f8351604103613ae7576020840151604085015160608601515f1a613ad988828585613db6565b955095509550505050613af2565b505081515f91506002905b9250925092565b805160408051630b135d3f60e11b8082526004820186905260248201929092525f92906020820185604483015e5f82606483010152601f820160051c60051b915060205f60648401838a5afa9050825f5114601f3d1116811693505050509392505050565b5f8581526007602090815260408083206001600160a01b03881684526003810190925282205460ff1615613bb0576040516371c6af4960e01b81526001600160a01b0387166004820152602401610d9f565b6001600160a01b0386165f9081526003820160205260409020805460ff1916600117905560ff8516613bf95783815f015f828254613bee9190614a5b565b90915550613c4f9050565b5f1960ff861601613c175783816001015f828254613bee9190614a5b565b60011960ff861601613c365783816002015f828254613bee9190614a5b565b6040516303599be160e11b815260040160405180910390fd5b509195945050505050565b5f60ff8216601f811115610ab657604051632cd44ac360e21b815260040160405180910390fd5b80545f9081906001600160801b0380821691600160801b9004168103613cac57505f93849350915050565b6001600160801b038181165f908152600186810160205260408220805492905586546fffffffffffffffffffffffffffffffff1916938101909216929092179094559293915050565b5f808481613d04866001614a5b565b85118015613d2c575061060f60f31b613d208388016020015190565b6001600160f01b031916145b90505f613d3c8215156002614c59565b90505f80613d4a838a614a5b565b90505b87811015613da5575f613d6b613d668784016020015190565b613e7e565b9050600f8160ff161115613d8a575f5f9750975050505050505061397f565b613d95601084614c59565b60ff909116019150600101613d4d565b506001999098509650505050505050565b5f80807f7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0841115613def57505f91506003905082613e74565b604080515f808252602082018084528a905260ff891692820192909252606081018790526080810186905260019060a0016020604051602081039080840390855afa158015613e40573d5f5f3e3d5ffd5b5050604051601f1901519150506001600160a01b038116613e6b57505f925060019150829050613e74565b92505f91508190505b9450945094915050565b5f60f882901c602f81118015613e975750603a8160ff16105b15613ea557602f1901610ab6565b60608160ff16118015613ebb575060678160ff16105b15613ec95760561901610ab6565b60408160ff16118015613edf575060478160ff16105b15613eed5760361901610ab6565b5060ff92915050565b5f60208284031215613f06575f5ffd5b81356001600160e01b031981168114611771575f5ffd5b5f81518084528060208401602086015e5f602082860101526020601f19601f83011685010191505092915050565b602081525f6117716020830184613f1d565b5f60208284031215613f6d575f5ffd5b5035919050565b80356001600160a01b0381168114611649575f5ffd5b634e487b7160e01b5f52604160045260245ffd5b604051601f8201601f191681016001600160401b0381118282101715613fc657613fc6613f8a565b604052919050565b5f6001600160401b03821115613fe657613fe6613f8a565b50601f01601f191660200190565b5f82601f830112614003575f5ffd5b8135602083015f61401b61401684613fce565b613f9e565b905082815285838301111561402e575f5ffd5b828260208301375f92810160200192909252509392505050565b5f5f5f5f6080858703121561405b575f5ffd5b61406485613f74565b935061407260208601613f74565b92506040850135915060608501356001600160401b03811115614093575f5ffd5b61409f87828801613ff4565b91505092959194509250565b5f6001600160401b038211156140c3576140c3613f8a565b5060051b60200190565b5f82601f8301126140dc575f5ffd5b81356140ea614016826140ab565b8082825260208201915060208360051b86010192508583111561410b575f5ffd5b602085015b8381101561412f5761412181613f74565b835260209283019201614110565b5095945050505050565b5f82601f830112614148575f5ffd5b8135614156614016826140ab565b8082825260208201915060208360051b860101925085831115614177575f5ffd5b602085015b8381101561412f57803583526020928301920161417c565b5f82601f8301126141a3575f5ffd5b81356141b1614016826140ab565b8082825260208201915060208360051b8601019250858311156141d2575f5ffd5b602085015b8381101561412f5780356001600160401b038111156141f4575f5ffd5b614203886020838a0101613ff4565b845250602092830192016141d7565b5f5f5f5f60808587031215614225575f5ffd5b84356001600160401b0381111561423a575f5ffd5b614246878288016140cd565b94505060208501356001600160401b03811115614261575f5ffd5b61426d87828801614139565b93505060408501356001600160401b03811115614288575f5ffd5b61429487828801614194565b949793965093946060013593505050565b634e487b7160e01b5f52602160045260245ffd5b60088110612f5657612f566142a5565b602081016142d6836142b9565b91905290565b5f5f604083850312156142ed575f5ffd5b823591506142fd60208401613f74565b90509250929050565b803560088110611649575f5ffd5b803560048110611649575f5ffd5b5f5f5f5f5f5f60c08789031215614337575f5ffd5b61434087614306565b955061434e60208801614314565b945060408701356001600160401b03811115614368575f5ffd5b61437489828a016140cd565b94505060608701356001600160401b0381111561438f575f5ffd5b61439b89828a01614139565b93505060808701356001600160401b038111156143b6575f5ffd5b6143c289828a01614194565b92505060a08701356001600160401b038111156143dd575f5ffd5b6143e989828a01613ff4565b9150509295509295509295565b60208101600983106142d6576142d66142a5565b803560ff81168114611649575f5ffd5b5f5f6040838503121561442b575f5ffd5b823591506142fd6020840161440a565b5f5f83601f84011261444b575f5ffd5b5081356001600160401b03811115614461575f5ffd5b602083019150836020828501011115614478575f5ffd5b9250929050565b5f5f5f5f5f5f5f60c0888a031215614495575f5ffd5b873596506144a56020890161440a565b95506144b360408901613f74565b945060608801356001600160401b038111156144cd575f5ffd5b6144d98a828b0161443b565b90955093505060808801356001600160401b038111156144f7575f5ffd5b6145038a828b01613ff4565b92505060a08801356001600160401b0381111561451e575f5ffd5b61452a8a828b01613ff4565b91505092959891949750929550565b5f5f5f5f5f6080868803121561454d575f5ffd5b8535945061455d6020870161440a565b935060408601356001600160401b03811115614577575f5ffd5b6145838882890161443b565b90945092505060608601356001600160401b038111156145a1575f5ffd5b6145ad88828901613ff4565b9150509295509295909350565b5f5f5f5f606085870312156145cd575f5ffd5b843593506145dd6020860161440a565b925060408501356001600160401b038111156145f7575f5ffd5b6146038782880161443b565b95989497509550505050565b5f5f5f5f60808587031215614622575f5ffd5b84356001600160401b03811115614637575f5ffd5b614643878288016140cd565b94505060208501356001600160401b0381111561465e575f5ffd5b61466a87828801614139565b93505060408501356001600160401b03811115614685575f5ffd5b61469187828801614194565b92505060608501356001600160401b03811115614093575f5ffd5b5f602082840312156146bc575f5ffd5b61177182613f74565b5f8151808452602084019350602083015f5b828110156146f55781518652602095860195909101906001016146d7565b5093949350505050565b60ff60f81b8816815260e060208201525f61471d60e0830189613f1d565b828103604084015261472f8189613f1d565b606084018890526001600160a01b038716608085015260a0840186905283810360c0850152905061476081856146c5565b9a9950505050505050505050565b5f5f5f5f60808587031215614781575f5ffd5b843593506147916020860161440a565b925061479f60408601613f74565b915060608501356001600160401b03811115614093575f5ffd5b5f5f5f606084860312156147cb575f5ffd5b6147d484613f74565b92506020840135915060408401356001600160401b038111156147f5575f5ffd5b61480186828701613ff4565b9150509250925092565b602081525f61177160208301846146c5565b6004811061482d5761482d6142a5565b9052565b815160c0820190614841816142b9565b808352506020830151614857602084018261481d565b5063ffffffff604084015116604083015263ffffffff606084015116606083015260ff608084015116608083015261ffff60a08401511660a083015292915050565b5f5f5f5f5f60a086880312156148ad575f5ffd5b6148b686613f74565b94506148c460208701613f74565b935060408601356001600160401b038111156148de575f5ffd5b6148ea88828901614139565b93505060608601356001600160401b03811115614905575f5ffd5b61491188828901614139565b92505060808601356001600160401b038111156145a1575f5ffd5b5f5f5f5f6060858703121561493f575f5ffd5b61494885613f74565b93506020850135925060408501356001600160401b038111156145f7575f5ffd5b5f5f6040838503121561497a575f5ffd5b61498383613f74565b946020939093013593505050565b5f5f5f5f5f60a086880312156149a5575f5ffd5b6149ae86613f74565b94506149bc60208701613f74565b9350604086013592506060860135915060808601356001600160401b038111156145a1575f5ffd5b600181811c908216806149f857607f821691505b602082108103614a1657634e487b7160e01b5f52602260045260245ffd5b50919050565b5f60208284031215614a2c575f5ffd5b5051919050565b634e487b7160e01b5f52603260045260245ffd5b634e487b7160e01b5f52601160045260245ffd5b80820180821115610ab657610ab6614a47565b5f60208284031215614a7e575f5ffd5b81518015158114611771575f5ffd5b5f60018201614a9e57614a9e614a47565b5060010190565b60408101614ab2846142b9565b838252611771602083018461481d565b5f60208284031215614ad2575f5ffd5b81516001600160401b03811115614ae7575f5ffd5b8201601f81018413614af7575f5ffd5b8051614b0561401682613fce565b818152856020838501011115614b19575f5ffd5b8160208401602083015e5f91810160200191909152949350505050565b5f60208284031215614b46575f5ffd5b815165ffffffffffff81168114611771575f5ffd5b65ffffffffffff8181168382160190811115610ab657610ab6614a47565b818382375f9101908152919050565b5f8151808452602084019350602083015f5b828110156146f55781516001600160a01b0316865260209586019590910190600101614b9a565b5f82825180855260208501945060208160051b830101602085015f5b83811015610e4957601f19858403018852614bf9838351613f1d565b6020988901989093509190910190600101614bdd565b608081525f614c216080830187614b88565b8281036020840152614c3381876146c5565b90508281036040840152614c478186614bc1565b91505082606083015295945050505050565b8082028115828204841417610ab657610ab6614a47565b83815260608101614c80846142b9565b602082019390935260400152919050565b60a081525f614ca360a0830188614b88565b8281036020840152614cb581886146c5565b90508281036040840152614cc98187614bc1565b60608401959095525050608001529392505050565b60c081525f614cf060c0830189614b88565b8281036020840152614d0281896146c5565b90508281036040840152614d168188614bc1565b60608401969096525050608081019290925260a0909101529392505050565b805160208201516001600160e01b0319811691906004821015614d6c576001600160e01b0319600483900360031b81901b82161692505b5050919050565b5f60208284031215614d83575f5ffd5b815160038110611771575f5ffd5b82815260408101614da1836142b9565b8260208301529392505050565b65ffffffffffff8281168282160390811115610ab657610ab6614a47565b81810381811115610ab657610ab6614a47565b634e487b7160e01b5f52603160045260245ffd5b60ff8181168382160190811115610ab657610ab6614a47565b6001815b600184111561397f57808504811115614e2b57614e2b614a47565b6001841615614e3957908102905b60019390931c928002614e10565b5f82614e5557506001610ab6565b81614e6157505f610ab6565b8160018114614e775760028114614e8157614e9d565b6001915050610ab6565b60ff841115614e9257614e92614a47565b50506001821b610ab6565b5060208310610133831016604e8410600b8410161715614ec0575081810a610ab6565b614ecc5f198484614e0c565b805f1904821115612fc357612fc3614a47565b5f61177160ff841683614e47565b84815260ff84166020820152826040820152608060608201525f6118e26080830184613f1d565b85815260ff8516602082015283604082015260a060608201525f614f3b60a0830185613f1d565b82810360808401526118488185613f1d565b634e487b7160e01b5f52601260045260245ffd5b8981526001600160a01b0389166020820152610120604082018190525f90614f8b9083018a614b88565b8281036060840152614f9d818a6146c5565b9050828103608084015280885180835260208301915060208160051b84010160208b015f5b83811015614ff457601f19868403018552614fde838351613f1d565b6020958601959093509190910190600101614fc2565b505085810360a0870152615008818b614bc1565b93505050508560c08401528460e084015282810361010084015261502c8185613f1d565b9c9b50505050505050505050505056fe474f565f5349474e4154555245535f454d455247454e43595f53485554444f574e' as Hex,
  immutableReferences: [
    {
      length: 32,
      start: 662,
    },
    {
      length: 32,
      start: 1617,
    },
    {
      length: 32,
      start: 1699,
    },
    {
      length: 32,
      start: 2341,
    },
    {
      length: 32,
      start: 2604,
    },
    {
      length: 32,
      start: 3146,
    },
    {
      length: 32,
      start: 3333,
    },
    {
      length: 32,
      start: 3738,
    },
    {
      length: 32,
      start: 3925,
    },
    {
      length: 32,
      start: 4331,
    },
    {
      length: 32,
      start: 4482,
    },
    {
      length: 32,
      start: 4702,
    },
    {
      length: 32,
      start: 4749,
    },
    {
      length: 32,
      start: 5567,
    },
    {
      length: 32,
      start: 6543,
    },
    {
      length: 32,
      start: 7185,
    },
    {
      length: 32,
      start: 7555,
    },
    {
      length: 32,
      start: 7679,
    },
    {
      length: 32,
      start: 7872,
    },
    {
      length: 32,
      start: 8195,
    },
    {
      length: 32,
      start: 8359,
    },
    {
      length: 32,
      start: 8533,
    },
    {
      length: 32,
      start: 9021,
    },
    {
      length: 32,
      start: 9150,
    },
    {
      length: 32,
      start: 9414,
    },
    {
      length: 32,
      start: 9578,
    },
    {
      length: 32,
      start: 9638,
    },
    {
      length: 32,
      start: 9698,
    },
    {
      length: 32,
      start: 11454,
    },
    {
      length: 32,
      start: 11497,
    },
    {
      length: 32,
      start: 11683,
    },
    {
      length: 32,
      start: 11952,
    },
    {
      length: 32,
      start: 12028,
    },
    {
      length: 32,
      start: 14739,
    },
    {
      length: 32,
      start: 14781,
    },
    {
      length: 32,
      start: 14823,
    },
    {
      length: 32,
      start: 14904,
    },
    {
      length: 32,
      start: 14944,
    },
  ],
  selectors: {
    'BALLOT_TYPEHASH()': '0xdeaaa7cc',
    'CLOCK_MODE()': '0x4bf5d7e9',
    'COUNTING_MODE()': '0xdd4e2ba5',
    'EXTENDED_BALLOT_TYPEHASH()': '0x2fe3e261',
    'cancel(address[],uint256[],bytes[],bytes32)': '0x452115d6',
    'castVote(uint256,uint8)': '0x56781388',
    'castVoteBySig(uint256,uint8,address,bytes)': '0x8ff262e3',
    'castVoteWithReason(uint256,uint8,string)': '0x7b3c71d3',
    'castVoteWithReasonAndParams(uint256,uint8,string,bytes)': '0x5f398a14',
    'castVoteWithReasonAndParamsBySig(uint256,uint8,address,string,bytes,bytes)': '0x5b8d0e0d',
    'clock()': '0x91ddadf4',
    'eip712Domain()': '0x84b0196e',
    'execute(address[],uint256[],bytes[],bytes32)': '0x2656227d',
    'getProposalId(address[],uint256[],bytes[],bytes32)': '0xa8f8a668',
    'getVotes(address,uint256)': '0xeb9019d4',
    'getVotesWithParams(address,uint256,bytes)': '0x9a802a6d',
    'hasVoted(uint256,address)': '0x43859632',
    'hashProposal(address[],uint256[],bytes[],bytes32)': '0xc59057e4',
    'name()': '0x06fdde03',
    'nodes()': '0x5db82fa0',
    'nonces(address)': '0x7ecebe00',
    'onERC1155BatchReceived(address,address,uint256[],uint256[],bytes)': '0xbc197c81',
    'onERC1155Received(address,address,uint256,uint256,bytes)': '0xf23a6e61',
    'onERC721Received(address,address,uint256,bytes)': '0x150b7a02',
    'openProposals(address)': '0xa12605ca',
    'proposalDeadline(uint256)': '0xc01f9e37',
    'proposalEta(uint256)': '0xab58fb8e',
    'proposalNeedsQueuing(uint256)': '0xa9a95294',
    'proposalProposer(uint256)': '0x143489d0',
    'proposalSnapshot(uint256)': '0x2d63f693',
    'proposalThreshold()': '0xb58131b0',
    'proposalVotes(uint256)': '0x544ffc9c',
    'propose(address[],uint256[],bytes[],string)': '0x7d5e81e2',
    'proposeAs(uint8,uint8,address[],uint256[],bytes[],string)': '0x44c64316',
    'queue(address[],uint256[],bytes[],bytes32)': '0x160cbed7',
    'quorum(uint256)': '0xf8ce560a',
    'registry()': '0x7b103999',
    'relay(address,uint256,bytes)': '0xc28bc2fa',
    'stage(uint256)': '0x54d9eef6',
    'state(uint256)': '0x3e4f49e6',
    'supportsInterface(bytes4)': '0x01ffc9a7',
    'termsOf(uint256)': '0xbadc2dff',
    'timelock()': '0xd33219b4',
    'token()': '0xfc0c546a',
    'version()': '0x54fd4d50',
    'votesNeeded(uint256)': '0x0716fa2f',
    'votingDelay()': '0x3932abb1',
    'votingPeriod()': '0x02a251a3',
  },
  topics: {
    EIP712DomainChanged: '0x0a6387c9ea3628b88a633bb4f3b151770f70085117a15f9bf3787cda53f13d31',
    ProposalCanceled: '0x789cf55be980739dad1d0699b93b58e806b51c9d96619bfa8fe0a28abaa7b30c',
    ProposalCreated: '0x7d84a6263ae0d98d3329bd7b46bb4e8d6f98cd35a7adb45c274c8b7fd5ebd5e0',
    ProposalExecuted: '0x712ae1383f79ac853f8d882153778e0260ef8f03b504e2866e0593e04d2b291f',
    ProposalQueued: '0x9a2e42fd6722813d69113e7d0079d3d940171428df7373df9c7f7617cfda2892',
    ProposalTerms: '0xedc2213e2f24947dc9bdda43944826d09bf1188cc43b6e441075210d31c3c64c',
    VoteCast: '0xb8e138887d0aa13bab447e82de9d5c1777041ecd21ca36ba824ff1e6c07ddda4',
    VoteCastWithParams: '0xe2babfbac5889a709b63bb7f598b324e08bc5a4fb9ec647fb3cbc9ec07eb8712',
  },
  errors: {
    ActionNeedsKind: '0x05a7a33b',
    ERC6372InconsistentClock: '0x6ff07140',
    FailedCall: '0xd6bda275',
    GovernorAlreadyCastVote: '0x71c6af49',
    GovernorAlreadyQueuedProposal: '0xf20e7d37',
    GovernorDisabledDeposit: '0xe90a651e',
    GovernorInsufficientProposerVotes: '0xc242ee16',
    GovernorInvalidProposalLength: '0x447b05d0',
    GovernorInvalidSignature: '0x94ab6c07',
    GovernorInvalidVoteParams: '0x867db771',
    GovernorInvalidVoteType: '0x06b337c2',
    GovernorInvalidVotingPeriod: '0xf1cfbf05',
    GovernorNonexistentProposal: '0x6ad06075',
    GovernorOnlyExecutor: '0x47096e47',
    GovernorProposalQueueingFailed: '0xab2d0311',
    GovernorProposalQueueingNotRequired: '0xd838bcb7',
    GovernorRestrictedProposer: '0xd9b39557',
    GovernorUnableToCancel: '0x8fe5d8a9',
    GovernorUnexpectedProposalState: '0x31b75e4d',
    InvalidAccountNonce: '0x752d88c0',
    InvalidShortString: '0xb3512b0c',
    NodeNotEligible: '0x6f2e99c7',
    OnlyAdminsAreImmediate: '0x8c154c07',
    SafeCastOverflowedUintDowncast: '0x6dfcc650',
    StringTooLong: '0x305a27a9',
    TimelockServesAnother: '0x38823d22',
    TooManyOpenProposals: '0xef63f829',
  },
} as const;

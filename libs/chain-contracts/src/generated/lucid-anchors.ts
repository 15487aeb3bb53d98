// Written by tools/compile-contracts.mjs from contracts/LucidAnchors.sol.
import type { Hex } from '../artifact.ts';

export const lucidAnchors = {
  contractName: 'LucidAnchors',
  sourceName: 'contracts/LucidAnchors.sol',
  compiler: '0.8.37+commit.f401782d.Emscripten.clang',
  sourceHash: '3b1eb6b3537ba5e23bc2225fb610cacb7b81e8a2a9224c377a84388e2be01485',
  abi: [
    {
      inputs: [
        {
          internalType: 'bytes32',
          name: 'sessionId',
          type: 'bytes32',
        },
        {
          internalType: 'uint32',
          name: 'index',
          type: 'uint32',
        },
      ],
      name: 'ChunkAlreadyAnchored',
      type: 'error',
    },
    {
      inputs: [
        {
          internalType: 'bytes32',
          name: 'root',
          type: 'bytes32',
        },
      ],
      name: 'RootAlreadyRegistered',
      type: 'error',
    },
    {
      inputs: [
        {
          internalType: 'bytes32',
          name: 'sessionId',
          type: 'bytes32',
        },
      ],
      name: 'SessionAlreadyRegistered',
      type: 'error',
    },
    {
      inputs: [],
      name: 'ZeroCount',
      type: 'error',
    },
    {
      inputs: [],
      name: 'ZeroHash',
      type: 'error',
    },
    {
      inputs: [],
      name: 'ZeroManifestHash',
      type: 'error',
    },
    {
      inputs: [],
      name: 'ZeroMerkleRoot',
      type: 'error',
    },
    {
      inputs: [],
      name: 'ZeroOwner',
      type: 'error',
    },
    {
      inputs: [],
      name: 'ZeroSessionId',
      type: 'error',
    },
    {
      anonymous: false,
      inputs: [
        {
          indexed: true,
          internalType: 'bytes32',
          name: 'sessionId',
          type: 'bytes32',
        },
        {
          indexed: true,
          internalType: 'uint32',
          name: 'index',
          type: 'uint32',
        },
        {
          indexed: false,
          internalType: 'bytes32',
          name: 'hash',
          type: 'bytes32',
        },
      ],
      name: 'ChunkAnchored',
      type: 'event',
    },
    {
      anonymous: false,
      inputs: [
        {
          indexed: true,
          internalType: 'bytes32',
          name: 'sessionId',
          type: 'bytes32',
        },
        {
          indexed: false,
          internalType: 'bytes32',
          name: 'manifestHash',
          type: 'bytes32',
        },
        {
          indexed: false,
          internalType: 'uint64',
          name: 'startedAt',
          type: 'uint64',
        },
        {
          indexed: true,
          internalType: 'address',
          name: 'owner',
          type: 'address',
        },
        {
          indexed: false,
          internalType: 'bytes32',
          name: 'merkleRoot',
          type: 'bytes32',
        },
        {
          indexed: false,
          internalType: 'uint32',
          name: 'chunkCount',
          type: 'uint32',
        },
      ],
      name: 'SessionRegistered',
      type: 'event',
    },
    {
      anonymous: false,
      inputs: [
        {
          indexed: true,
          internalType: 'bytes32',
          name: 'root',
          type: 'bytes32',
        },
        {
          indexed: false,
          internalType: 'uint32',
          name: 'count',
          type: 'uint32',
        },
      ],
      name: 'SessionsRegistered',
      type: 'event',
    },
    {
      inputs: [
        {
          internalType: 'bytes32',
          name: 'sessionId',
          type: 'bytes32',
        },
        {
          internalType: 'uint32',
          name: 'index',
          type: 'uint32',
        },
        {
          internalType: 'bytes32',
          name: 'hash',
          type: 'bytes32',
        },
      ],
      name: 'anchorChunk',
      outputs: [],
      stateMutability: 'nonpayable',
      type: 'function',
    },
    {
      inputs: [
        {
          internalType: 'bytes32',
          name: 'root',
          type: 'bytes32',
        },
      ],
      name: 'batchOf',
      outputs: [
        {
          components: [
            {
              internalType: 'uint32',
              name: 'count',
              type: 'uint32',
            },
            {
              internalType: 'uint64',
              name: 'blockNumber',
              type: 'uint64',
            },
          ],
          internalType: 'struct LucidAnchors.Batch',
          name: '',
          type: 'tuple',
        },
      ],
      stateMutability: 'view',
      type: 'function',
    },
    {
      inputs: [
        {
          internalType: 'bytes32',
          name: 'sessionId',
          type: 'bytes32',
        },
        {
          internalType: 'uint32',
          name: 'index',
          type: 'uint32',
        },
      ],
      name: 'chunkOf',
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
          components: [
            {
              internalType: 'bytes32',
              name: 'sessionId',
              type: 'bytes32',
            },
            {
              internalType: 'bytes32',
              name: 'manifestHash',
              type: 'bytes32',
            },
            {
              internalType: 'uint64',
              name: 'startedAt',
              type: 'uint64',
            },
            {
              internalType: 'address',
              name: 'owner',
              type: 'address',
            },
            {
              internalType: 'bytes32',
              name: 'merkleRoot',
              type: 'bytes32',
            },
            {
              internalType: 'uint32',
              name: 'chunkCount',
              type: 'uint32',
            },
          ],
          internalType: 'struct LucidAnchors.Registration',
          name: 'registration',
          type: 'tuple',
        },
      ],
      name: 'isRegistered',
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
          components: [
            {
              internalType: 'bytes32',
              name: 'sessionId',
              type: 'bytes32',
            },
            {
              internalType: 'bytes32',
              name: 'manifestHash',
              type: 'bytes32',
            },
            {
              internalType: 'uint64',
              name: 'startedAt',
              type: 'uint64',
            },
            {
              internalType: 'address',
              name: 'owner',
              type: 'address',
            },
            {
              internalType: 'bytes32',
              name: 'merkleRoot',
              type: 'bytes32',
            },
            {
              internalType: 'uint32',
              name: 'chunkCount',
              type: 'uint32',
            },
          ],
          internalType: 'struct LucidAnchors.Registration',
          name: 'registration',
          type: 'tuple',
        },
      ],
      name: 'leafHash',
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
          name: 'sessionId',
          type: 'bytes32',
        },
        {
          internalType: 'bytes32',
          name: 'manifestHash',
          type: 'bytes32',
        },
        {
          internalType: 'uint64',
          name: 'startedAt',
          type: 'uint64',
        },
        {
          internalType: 'address',
          name: 'owner',
          type: 'address',
        },
        {
          internalType: 'bytes32',
          name: 'merkleRoot',
          type: 'bytes32',
        },
        {
          internalType: 'uint32',
          name: 'chunkCount',
          type: 'uint32',
        },
      ],
      name: 'registerSession',
      outputs: [],
      stateMutability: 'nonpayable',
      type: 'function',
    },
    {
      inputs: [
        {
          internalType: 'bytes32',
          name: 'root',
          type: 'bytes32',
        },
        {
          internalType: 'uint32',
          name: 'count',
          type: 'uint32',
        },
      ],
      name: 'registerSessions',
      outputs: [],
      stateMutability: 'nonpayable',
      type: 'function',
    },
    {
      inputs: [
        {
          internalType: 'bytes32',
          name: 'sessionId',
          type: 'bytes32',
        },
      ],
      name: 'registrationOf',
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
          name: 'root',
          type: 'bytes32',
        },
        {
          components: [
            {
              internalType: 'bytes32',
              name: 'sessionId',
              type: 'bytes32',
            },
            {
              internalType: 'bytes32',
              name: 'manifestHash',
              type: 'bytes32',
            },
            {
              internalType: 'uint64',
              name: 'startedAt',
              type: 'uint64',
            },
            {
              internalType: 'address',
              name: 'owner',
              type: 'address',
            },
            {
              internalType: 'bytes32',
              name: 'merkleRoot',
              type: 'bytes32',
            },
            {
              internalType: 'uint32',
              name: 'chunkCount',
              type: 'uint32',
            },
          ],
          internalType: 'struct LucidAnchors.Registration',
          name: 'registration',
          type: 'tuple',
        },
        {
          internalType: 'uint32',
          name: 'index',
          type: 'uint32',
        },
        {
          internalType: 'bytes32[]',
          name: 'path',
          type: 'bytes32[]',
        },
      ],
      name: 'verifyRegistration',
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
  ],
  bytecode:
    '0x6080604052348015600e575f5ffd5b50610ade8061001c5f395ff3fe608060405234801561000f575f5ffd5b5060043610610090575f3560e01c806387fc35571161006357806387fc35571461010f5780639726d79b14610124578063aee0573214610137578063ebb096ff146101c0578063ec59d2bc146101d3575f5ffd5b80631456926b146100945780632f1379f8146100c657806339b85fad146100e95780636c76d8a4146100fc575b5f5ffd5b6100b36100a2366004610802565b5f9081526020819052604090205490565b6040519081526020015b60405180910390f35b6100d96100d4366004610847565b6101e6565b60405190151581526020016100bd565b6100b36100f73660046108e2565b61021f565b6100d961010a36600461090c565b610245565b61012261011d366004610953565b610267565b005b6101226101323660046108e2565b610401565b610195610145366004610802565b604080518082019091525f8082526020820152505f9081526001602090815260409182902082518084019093525463ffffffff81168352640100000000900467ffffffffffffffff169082015290565b60408051825163ffffffff16815260209283015167ffffffffffffffff1692810192909252016100bd565b6100b36101ce36600461090c565b610513565b6101226101e13660046109ae565b610528565b5f8581526001602052604081205461021590879063ffffffff90811690871661020e89610513565b8787610610565b9695505050505050565b5f82815260026020908152604080832063ffffffff851684529091529020545b92915050565b5f61024f82610513565b91355f90815260208190526040902054909114919050565b5f86900361028857604051631431024b60e01b815260040160405180910390fd5b5f8590036102a9576040516317bdb7f360e21b815260040160405180910390fd5b6001600160a01b0383166102d057604051639905827b60e01b815260040160405180910390fd5b5f8290036102f157604051634933773160e11b815260040160405180910390fd5b5f868152602081905260409020541561032557604051636904ddbf60e01b8152600481018790526024015b60405180910390fd5b604080516020810188905290810186905267ffffffffffffffff851660608201526001600160a01b038416608082015260a0810183905263ffffffff821660c08201526103849060e0015b60405160208183030381529060405261070f565b5f878152602081815260409182902092909255805187815267ffffffffffffffff871692810192909252810183905263ffffffff821660608201526001600160a01b0384169087907fdfb63e906f9f911cd1738197a2c600d17ef902be11b816fdf2b412961432ea629060800160405180910390a3505050505050565b5f82900361042257604051634933773160e11b815260040160405180910390fd5b8063ffffffff165f036104485760405163011ee73b60e21b815260040160405180910390fd5b5f8281526001602052604090205463ffffffff161561047d57604051631027318160e11b81526004810183905260240161031c565b60408051808201825263ffffffff83811680835267ffffffffffffffff43811660208086019182525f89815260018252879020955186549251909316640100000000026bffffffffffffffffffffffff19909216929094169190911717909255915190815283917f8b67ee37350e51438595c1c785154d06584ebddd935587b26454004221f820ec910160405180910390a25050565b5f61023f8260405160200161037091906109e1565b5f83900361054957604051631431024b60e01b815260040160405180910390fd5b5f81900361056a5760405163f1ae58d560e01b815260040160405180910390fd5b5f83815260026020908152604080832063ffffffff86168452909152902054156105b65760405163022f379960e11b81526004810184905263ffffffff8316602482015260440161031c565b5f83815260026020908152604080832063ffffffff8616808552908352928190208490555183815285917ff38eb859731d5126d40c1364c0e3378bb1d02e490fd172f2aa28c243ee33fad7910160405180910390a3505050565b5f85851015806106205750602082115b1561062c57505f610215565b845f610639600189610a4f565b9050855f5b858110156106f357825f03610659575f945050505050610215565b836001166001148061066a57508284145b156106be5761069187878381811061068457610684610a6e565b9050602002013583610780565b91505b600184161580156106a457508315155b156106b957600193841c939290921c91610694565b6106e3565b6106e0828888848181106106d4576106d4610a6e565b90506020020135610780565b91505b600193841c9392831c920161063e565b508115801561070157508981145b9a9950505050505050505050565b5f60025f60f81b83604051602001610728929190610a99565b60408051601f198184030181529082905261074291610abc565b602060405180830381855afa15801561075d573d5f5f3e3d5ffd5b5050506040513d601f19601f8201168201806040525081019061023f9190610ac7565b604051600160f81b602082015260218101839052604181018290525f9060029060610160408051601f19818403018152908290526107bd91610abc565b602060405180830381855afa1580156107d8573d5f5f3e3d5ffd5b5050506040513d601f19601f820116820180604052508101906107fb9190610ac7565b9392505050565b5f60208284031215610812575f5ffd5b5035919050565b5f60c08284031215610829575f5ffd5b50919050565b803563ffffffff81168114610842575f5ffd5b919050565b5f5f5f5f5f610120868803121561085c575f5ffd5b8535945061086d8760208801610819565b935061087b60e0870161082f565b925061010086013567ffffffffffffffff811115610897575f5ffd5b8601601f810188136108a7575f5ffd5b803567ffffffffffffffff8111156108bd575f5ffd5b8860208260051b84010111156108d1575f5ffd5b959894975092955050506020019190565b5f5f604083850312156108f3575f5ffd5b823591506109036020840161082f565b90509250929050565b5f60c0828403121561091c575f5ffd5b6107fb8383610819565b803567ffffffffffffffff81168114610842575f5ffd5b80356001600160a01b0381168114610842575f5ffd5b5f5f5f5f5f5f60c08789031215610968575f5ffd5b863595506020870135945061097f60408801610926565b935061098d6060880161093d565b9250608087013591506109a260a0880161082f565b90509295509295509295565b5f5f5f606084860312156109c0575f5ffd5b833592506109d06020850161082f565b929592945050506040919091013590565b813581526020808301359082015260c0810167ffffffffffffffff610a0860408501610926565b1660408301526001600160a01b03610a226060850161093d565b1660608301526080838101359083015263ffffffff610a4360a0850161082f565b1660a083015292915050565b8181038181111561023f57634e487b7160e01b5f52601160045260245ffd5b634e487b7160e01b5f52603260045260245ffd5b5f81518060208401855e5f93019283525090919050565b6001600160f81b0319831681525f610ab46001830184610a82565b949350505050565b5f6107fb8284610a82565b5f60208284031215610ad7575f5ffd5b505191905056' as Hex,
  deployedBytecode:
    '0x608060405234801561000f575f5ffd5b5060043610610090575f3560e01c806387fc35571161006357806387fc35571461010f5780639726d79b14610124578063aee0573214610137578063ebb096ff146101c0578063ec59d2bc146101d3575f5ffd5b80631456926b146100945780632f1379f8146100c657806339b85fad146100e95780636c76d8a4146100fc575b5f5ffd5b6100b36100a2366004610802565b5f9081526020819052604090205490565b6040519081526020015b60405180910390f35b6100d96100d4366004610847565b6101e6565b60405190151581526020016100bd565b6100b36100f73660046108e2565b61021f565b6100d961010a36600461090c565b610245565b61012261011d366004610953565b610267565b005b6101226101323660046108e2565b610401565b610195610145366004610802565b604080518082019091525f8082526020820152505f9081526001602090815260409182902082518084019093525463ffffffff81168352640100000000900467ffffffffffffffff169082015290565b60408051825163ffffffff16815260209283015167ffffffffffffffff1692810192909252016100bd565b6100b36101ce36600461090c565b610513565b6101226101e13660046109ae565b610528565b5f8581526001602052604081205461021590879063ffffffff90811690871661020e89610513565b8787610610565b9695505050505050565b5f82815260026020908152604080832063ffffffff851684529091529020545b92915050565b5f61024f82610513565b91355f90815260208190526040902054909114919050565b5f86900361028857604051631431024b60e01b815260040160405180910390fd5b5f8590036102a9576040516317bdb7f360e21b815260040160405180910390fd5b6001600160a01b0383166102d057604051639905827b60e01b815260040160405180910390fd5b5f8290036102f157604051634933773160e11b815260040160405180910390fd5b5f868152602081905260409020541561032557604051636904ddbf60e01b8152600481018790526024015b60405180910390fd5b604080516020810188905290810186905267ffffffffffffffff851660608201526001600160a01b038416608082015260a0810183905263ffffffff821660c08201526103849060e0015b60405160208183030381529060405261070f565b5f878152602081815260409182902092909255805187815267ffffffffffffffff871692810192909252810183905263ffffffff821660608201526001600160a01b0384169087907fdfb63e906f9f911cd1738197a2c600d17ef902be11b816fdf2b412961432ea629060800160405180910390a3505050505050565b5f82900361042257604051634933773160e11b815260040160405180910390fd5b8063ffffffff165f036104485760405163011ee73b60e21b815260040160405180910390fd5b5f8281526001602052604090205463ffffffff161561047d57604051631027318160e11b81526004810183905260240161031c565b60408051808201825263ffffffff83811680835267ffffffffffffffff43811660208086019182525f89815260018252879020955186549251909316640100000000026bffffffffffffffffffffffff19909216929094169190911717909255915190815283917f8b67ee37350e51438595c1c785154d06584ebddd935587b26454004221f820ec910160405180910390a25050565b5f61023f8260405160200161037091906109e1565b5f83900361054957604051631431024b60e01b815260040160405180910390fd5b5f81900361056a5760405163f1ae58d560e01b815260040160405180910390fd5b5f83815260026020908152604080832063ffffffff86168452909152902054156105b65760405163022f379960e11b81526004810184905263ffffffff8316602482015260440161031c565b5f83815260026020908152604080832063ffffffff8616808552908352928190208490555183815285917ff38eb859731d5126d40c1364c0e3378bb1d02e490fd172f2aa28c243ee33fad7910160405180910390a3505050565b5f85851015806106205750602082115b1561062c57505f610215565b845f610639600189610a4f565b9050855f5b858110156106f357825f03610659575f945050505050610215565b836001166001148061066a57508284145b156106be5761069187878381811061068457610684610a6e565b9050602002013583610780565b91505b600184161580156106a457508315155b156106b957600193841c939290921c91610694565b6106e3565b6106e0828888848181106106d4576106d4610a6e565b90506020020135610780565b91505b600193841c9392831c920161063e565b508115801561070157508981145b9a9950505050505050505050565b5f60025f60f81b83604051602001610728929190610a99565b60408051601f198184030181529082905261074291610abc565b602060405180830381855afa15801561075d573d5f5f3e3d5ffd5b5050506040513d601f19601f8201168201806040525081019061023f9190610ac7565b604051600160f81b602082015260218101839052604181018290525f9060029060610160408051601f19818403018152908290526107bd91610abc565b602060405180830381855afa1580156107d8573d5f5f3e3d5ffd5b5050506040513d601f19601f820116820180604052508101906107fb9190610ac7565b9392505050565b5f60208284031215610812575f5ffd5b5035919050565b5f60c08284031215610829575f5ffd5b50919050565b803563ffffffff81168114610842575f5ffd5b919050565b5f5f5f5f5f610120868803121561085c575f5ffd5b8535945061086d8760208801610819565b935061087b60e0870161082f565b925061010086013567ffffffffffffffff811115610897575f5ffd5b8601601f810188136108a7575f5ffd5b803567ffffffffffffffff8111156108bd575f5ffd5b8860208260051b84010111156108d1575f5ffd5b959894975092955050506020019190565b5f5f604083850312156108f3575f5ffd5b823591506109036020840161082f565b90509250929050565b5f60c0828403121561091c575f5ffd5b6107fb8383610819565b803567ffffffffffffffff81168114610842575f5ffd5b80356001600160a01b0381168114610842575f5ffd5b5f5f5f5f5f5f60c08789031215610968575f5ffd5b863595506020870135945061097f60408801610926565b935061098d6060880161093d565b9250608087013591506109a260a0880161082f565b90509295509295509295565b5f5f5f606084860312156109c0575f5ffd5b833592506109d06020850161082f565b929592945050506040919091013590565b813581526020808301359082015260c0810167ffffffffffffffff610a0860408501610926565b1660408301526001600160a01b03610a226060850161093d565b1660608301526080838101359083015263ffffffff610a4360a0850161082f565b1660a083015292915050565b8181038181111561023f57634e487b7160e01b5f52601160045260245ffd5b634e487b7160e01b5f52603260045260245ffd5b5f81518060208401855e5f93019283525090919050565b6001600160f81b0319831681525f610ab46001830184610a82565b949350505050565b5f6107fb8284610a82565b5f60208284031215610ad7575f5ffd5b505191905056' as Hex,
  immutableReferences: [],
  selectors: {
    'anchorChunk(bytes32,uint32,bytes32)': '0xec59d2bc',
    'batchOf(bytes32)': '0xaee05732',
    'chunkOf(bytes32,uint32)': '0x39b85fad',
    'isRegistered((bytes32,bytes32,uint64,address,bytes32,uint32))': '0x6c76d8a4',
    'leafHash((bytes32,bytes32,uint64,address,bytes32,uint32))': '0xebb096ff',
    'registerSession(bytes32,bytes32,uint64,address,bytes32,uint32)': '0x87fc3557',
    'registerSessions(bytes32,uint32)': '0x9726d79b',
    'registrationOf(bytes32)': '0x1456926b',
    'verifyRegistration(bytes32,(bytes32,bytes32,uint64,address,bytes32,uint32),uint32,bytes32[])':
      '0x2f1379f8',
  },
  topics: {
    ChunkAnchored: '0xf38eb859731d5126d40c1364c0e3378bb1d02e490fd172f2aa28c243ee33fad7',
    SessionRegistered: '0xdfb63e906f9f911cd1738197a2c600d17ef902be11b816fdf2b412961432ea62',
    SessionsRegistered: '0x8b67ee37350e51438595c1c785154d06584ebddd935587b26454004221f820ec',
  },
  errors: {
    ChunkAlreadyAnchored: '0x045e6f32',
    RootAlreadyRegistered: '0x204e6302',
    SessionAlreadyRegistered: '0x6904ddbf',
    ZeroCount: '0x047b9cec',
    ZeroHash: '0xf1ae58d5',
    ZeroManifestHash: '0x5ef6dfcc',
    ZeroMerkleRoot: '0x9266ee62',
    ZeroOwner: '0x9905827b',
    ZeroSessionId: '0x1431024b',
  },
} as const;

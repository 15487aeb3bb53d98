import { type Static, Type } from 'typebox';

export const VmConfig = Type.Object({
  VM_DATA_DIR: Type.String({ minLength: 1, description: 'folder of the state' }),
  VM_MIN_GAS_PRICE: Type.Integer({
    default: 1_000_000_000,
    minimum: 0,
    description: 'least wei per gas of a transaction that is taken',
  }),
  VM_GENESIS_FILE: Type.String({
    minLength: 1,
    description: 'the chain’s genesis.json, in geth’s form; a state belongs to one genesis for ever',
  }),
});

export type VmConfig = Static<typeof VmConfig>;

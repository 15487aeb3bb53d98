export * from './contract.ts';
export * from './topology.ts';

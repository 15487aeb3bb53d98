export * from './addresses.ts';
export * from './artifact.ts';
export * from './artifacts.ts';
export * from './generated/index.ts';
export * from './governance.ts';
export * from './parameters.ts';
export * from './predeploys.ts';

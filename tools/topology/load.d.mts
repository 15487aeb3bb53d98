export function loadTopology(): Promise<typeof import('../../libs/topology/src/index.ts')>;

/** Why a simulation is not done at all, in the codes of execution-apis. */

export const simulationCodes = {
  nonceTooLow: -38_010,
  nonceTooHigh: -38_011,
  baseFeeTooLow: -38_012,
  intrinsicGas: -38_013,
  insufficientFunds: -38_014,
  blockGasLimit: -38_015,
  blockNumber: -38_020,
  blockTimestamp: -38_021,
  initCodeSize: -38_025,
  clientLimit: -38_026,
  invalidParams: -32_602,
  internal: -32_603,
  server: -32_000,
} as const;

export type SimulationCode = keyof typeof simulationCodes;

export class SimulationRefusal extends Error {
  readonly code: number;

  constructor(code: SimulationCode, message: string) {
    super(message);
    this.name = 'SimulationRefusal';
    this.code = simulationCodes[code];
  }
}

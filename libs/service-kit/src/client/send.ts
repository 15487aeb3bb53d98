/** What a client's behaviours (deadline, retry, breaker, token) pass down to a transport, each a small function around the next. */
import type { ContractSpec, OperationSpec } from '@lucid/contracts';
import type { DispatchInput } from '../dispatcher.ts';

export interface OutgoingCall {
  readonly contract: ContractSpec;
  readonly operation: string;
  readonly spec: OperationSpec;
  readonly input: DispatchInput;
  readonly requestId: string;
  /** Milliseconds since the Unix epoch. */
  readonly deadlineAtMs: number;
  readonly signal: AbortSignal | undefined;
  readonly authorization?: string | undefined;
  readonly traceparent?: string | undefined;
}

/** Output of the operation. @throws ProblemError, or the reason of the call's signal */
export type Send = (call: OutgoingCall) => Promise<unknown>;

export interface Transport {
  readonly send: Send;
  close(): Promise<void>;
}

export {
  CaptureAgent,
  type CaptureAgentDependencies,
  type CaptureAgentOptions,
  CaptureLostError,
  type RecorderPort,
} from './capture-agent.ts';
export { type Slice, UnackedBytes } from './unacked-bytes.ts';

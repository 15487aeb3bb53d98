export {
  CaptureAgent,
  type CaptureAgentDependencies,
  type CaptureAgentOptions,
  CaptureLostError,
  type RecorderPort,
  type RecordingTold,
} from './capture-agent.ts';
export { type Slice, UnackedBytes } from './unacked-bytes.ts';

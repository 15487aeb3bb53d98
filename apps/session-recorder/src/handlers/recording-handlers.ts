import type { sessionRecorderContract } from '@lucid/contracts';
import type { Handlers } from '@lucid/service-kit';
import type { RecorderContext } from '../context.ts';

export const recordingHandlers: Handlers<typeof sessionRecorderContract, RecorderContext> = {
  startRecording: async ({ body }, call, { recordings }) => (await recordings.start(body, call)).view(),
  putBytes: (input, call, { intake }) => intake.putBytes(input, call),
  putEvent: ({ params, body }, call, { intake }) => intake.putEvent(params.sessionId, body, call),
  heartbeat: ({ params }, call, { intake }) => intake.heartbeat(params.sessionId, call),
  flushRecording: ({ params }, call, { intake }) => intake.flush(params.sessionId, call),
  pauseRecording: ({ params }, call, { transitions }) => transitions.pause(params.sessionId, call),
  resumeRecording: ({ params }, call, { transitions }) => transitions.resume(params.sessionId, call),
  stopRecording: ({ params, body }, call, { transitions }) => transitions.stop(params.sessionId, body, call),
  getRecording: async ({ params }, call, { recordings }) =>
    (await recordings.any(params.sessionId, call)).view(),
  listRecordings: (_input, _call, { recordings }) => ({
    recordings: recordings.running().map((each) => each.view()),
  }),
};

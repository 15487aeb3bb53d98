import { type Static, Type } from 'typebox';

export const Config = Type.Object({
  OPENAPI_ASK_SERVICES: Type.Boolean({
    default: true,
    description: 'ask the other services for the document that they run with',
  }),
  OPENAPI_STATE_KEPT_MS: Type.Integer({
    default: 10_000,
    minimum: 0,
    maximum: 3_600_000,
    description: 'how long what they answered is shown before they are asked again',
  }),
});
export type Config = Static<typeof Config>;

import { compileLimits, type contractCompilerContract, evmVersions } from '@lucid/contracts';
import { type Handlers, jsonText } from '@lucid/service-kit';
import type { Context } from '../context.ts';
import { COMPILER, OPENZEPPELIN } from '../domain/versions.ts';

export const compileHandlers: Handlers<typeof contractCompilerContract, Context> = {
  compile: ({ body }, _call, { compilations }) => compilations.compile(body),
  getArtifact: async ({ params }, _call, { compilations }) =>
    jsonText(await compilations.artifactJson(params.artifactId)),
  getVersions: (_input, _call, { memoryMb }) => ({
    compiler: COMPILER,
    openZeppelin: OPENZEPPELIN,
    evmVersions: [...evmVersions],
    limits: { ...compileLimits, memoryMb },
  }),
};

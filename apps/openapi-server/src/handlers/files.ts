import type { openapiServerContract } from '@lucid/contracts';
import type { Handlers } from '@lucid/service-kit';
import type { Context } from '../context.ts';

type FileOperation = Extract<
  keyof (typeof openapiServerContract)['operations'],
  `getDocs${string}` | `getSwagger${string}`
>;

export const fileHandlers: Pick<Handlers<typeof openapiServerContract, Context>, FileOperation> = {
  getDocsPage: (_input, _call, { files }) => files.page,
  getDocsScript: (_input, _call, { files }) => files.script,
  getDocsStyle: (_input, _call, { files }) => files.style,
  getSwaggerScript: (_input, _call, { files }) => files.swaggerScript,
  getSwaggerStyle: (_input, _call, { files }) => files.swaggerStyle,
  getSwaggerIcon: (_input, _call, { files }) => files.swaggerIcon,
  getSwaggerLicence: (_input, _call, { files }) => files.licence,
};

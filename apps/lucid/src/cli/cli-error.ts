/** What the command line says and the status it exits with (docs/evidence-format.md section 9). */
export const exitCodes = { ok: 0, failed: 1, usage: 2, uncheckable: 3 } as const;

const cliErrorCodes = {
  usage: exitCodes.usage,
  data_folder_missing: exitCodes.uncheckable,
  data_folder_damaged: exitCodes.uncheckable,
  data_folder_unusable: exitCodes.uncheckable,
  data_folder_busy: exitCodes.uncheckable,
  chain_differs: exitCodes.uncheckable,
  key_missing: exitCodes.uncheckable,
  wrong_identity: exitCodes.uncheckable,
  source_unreadable: exitCodes.uncheckable,
  target_exists: exitCodes.usage,
  target_unwritable: exitCodes.uncheckable,
  session_unknown: exitCodes.uncheckable,
  not_finished: exitCodes.uncheckable,
  signed_out: exitCodes.uncheckable,
  login_refused: exitCodes.failed,
  forbidden: exitCodes.failed,
  host_untrusted: exitCodes.uncheckable,
  host_unreachable: exitCodes.uncheckable,
  credentials_damaged: exitCodes.uncheckable,
  store_full: exitCodes.failed,
  port_busy: exitCodes.failed,
  docker_missing: exitCodes.uncheckable,
  stack_blocked: exitCodes.failed,
  stack_failed: exitCodes.failed,
  verification_failed: exitCodes.failed,
  session_failed: exitCodes.failed,
  host_failed: exitCodes.failed,
} as const satisfies Record<string, number>;

export type CliErrorCode = keyof typeof cliErrorCodes;

/** An expected failure: its message is one clear sentence or two, what is wrong and what to do. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: CliErrorCode;
  constructor(code: CliErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
  get exitCode(): number {
    return cliErrorCodes[this.code];
  }
}

/** What `doctor` says: a line for each thing it looked at, advice where something is not as it should be, a sum at the end. */
import type { Output, Style } from '../cli/output.ts';
import type { Check, CheckStatus } from './doctor-machine.ts';

const styles: Readonly<Record<CheckStatus, Style>> = { ok: 'green', warn: 'yellow', fail: 'red' };

export interface DoctorReport {
  readonly checks: readonly Check[];
  add(found: readonly Check[]): void;
  /** The sum; whether nothing failed. */
  end(): boolean;
}

/** `nameChars`: width of the names of checks. */
export function createReport(output: Output, nameChars: number): DoctorReport {
  const checks: Check[] = [];
  return {
    checks,
    add(found) {
      checks.push(...found);
      for (const { name, status, text, advice } of found) {
        if (output.options.quiet && status === 'ok') continue;
        output.line(`${output.style(styles[status], status.padEnd(4))}  ${name.padEnd(nameChars)} ${text}`);
        if (advice) output.line(`      ${' '.repeat(nameChars)} ${output.style('dim', '→')} ${advice}`);
      }
    },
    end() {
      const failed = checks.filter(({ status }) => status === 'fail').length;
      const warned = checks.filter(({ status }) => status === 'warn').length;
      output.json({ ok: failed === 0, checks });
      output.line();
      output.line(
        failed > 0
          ? output.style('red', `${failed} of ${checks.length} checks failed`)
          : `all sound${warned > 0 ? `, ${warned} to look at` : ''}`,
      );
      return failed === 0;
    },
  };
}

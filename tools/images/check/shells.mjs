// Programs that run other programs by what they are told: none belongs into an image but the one for development.

const SHELLS = new Set('sh bash rbash dash ash zsh rzsh ksh mksh csh tcsh fish busybox toybox'.split(' '));

/** Those of a system never, those of a language where there is a shell too. */
const SYSTEM_MANAGERS = new Set(
  'apt apt-get apt-cache aptitude dpkg dpkg-deb rpm yum dnf microdnf zypper apk pacman opkg snap nix brew'.split(
    ' ',
  ),
);
const LANGUAGE_MANAGERS = new Set(
  'npm npx corepack yarn pnpm pip pip3 pipx gem cargo bundle composer'.split(' '),
);

/** @typedef {'shell' | 'package-manager' | 'language-manager'} Runner */

/** @type {(name: string) => Runner | null} */
export function runnerNamed(name) {
  if (SHELLS.has(name)) return 'shell';
  if (SYSTEM_MANAGERS.has(name)) return 'package-manager';
  return LANGUAGE_MANAGERS.has(name) ? 'language-manager' : null;
}

/** What a shell says of itself. @type {[string, RegExp, string][]} */
const SIGNS = [
  ['BusyBox v', /BusyBox v\d/, 'BusyBox'],
  ['@(#)Bash version', /@\(#\)Bash version \d/, 'bash'],
  ['toybox 0', /toybox 0\.\d/, 'toybox'],
  ['zsh-5', /zsh-5\.\d/, 'zsh'],
];

const ELF = Buffer.from('\x7fELF', 'latin1');

/** The shell that a program is, by what is in it. @type {(content: Buffer) => string | null} */
export function findShell(content) {
  if (!content.subarray(0, 4).equals(ELF)) return null;
  const found = SIGNS.find(([start, pattern]) => {
    const at = content.indexOf(start);
    return at >= 0 && pattern.test(content.toString('latin1', at, at + 64));
  });
  return found ? found[2] : null;
}

import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Programs the suites need and the Debian packages that bring them. */
export const neededPrograms = [
  { program: 'mariadbd', aptPackage: 'mariadb-server' },
  { program: 'mariadb-install-db', aptPackage: 'mariadb-server' },
  { program: 'redis-server', aptPackage: 'redis-server' },
]

/** Servers live in /usr/sbin on Debian and /usr/libexec on Fedora, which a user's PATH often leaves out. */
const usualDirectories = ['/usr/sbin', '/usr/libexec', '/opt/homebrew/opt/mariadb/bin']

/** The first executable of that name, or undefined. */
export function findProgram(name, searchPath) {
  const directories = [...searchPath.split(delimiter).filter(Boolean), ...usualDirectories]
  return directories.map((directory) => join(directory, name)).find(isExecutable)
}

/**
 * What to do about missing programs. `machine`: `missing` (names out of `neededPrograms`), `hasApt`, `isRoot`,
 * `hasSudo` (sudo that asks no password).
 */
export function decideInstallation(machine) {
  const { missing, hasApt, isRoot, hasSudo } = machine
  if (missing.length === 0) return { kind: 'nothing' }
  const packages = [
    ...new Set(
      neededPrograms.filter(({ program }) => missing.includes(program)).map(({ aptPackage }) => aptPackage),
    ),
  ]
  if (hasApt && isRoot) return { kind: 'install', packages, prefix: [] }
  if (hasApt && hasSudo) return { kind: 'install', packages, prefix: ['sudo', '-n'] }
  const names = missing.join(', ')
  const command = hasApt
    ? `\`sudo apt-get install --no-install-recommends ${packages.join(' ')}\``
    : 'MariaDB 10.6 or newer and Redis 6 or newer with the package manager of this system (macOS: `brew install mariadb redis`)'
  const sentence = `Not found: ${names}. Install ${hasApt ? 'with ' : ''}${command}, then run npm test again; \`npm test -- --project unit\` needs none of them.`
  return { kind: 'ask', sentence }
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

import { existsSync } from 'node:fs'

import { decideInstallation, findProgram, neededPrograms } from './decide-installation.mjs'
import { runStep } from './run-step.mjs'

// Debian's packages start their service when installed, unless this file says 101, "forbidden".
const policyFile = '/usr/sbin/policy-rc.d'

/** Makes sure that MariaDB and Redis are installed; gives a sentence for the user when it cannot. */
export async function ensureServers() {
  const searchPath = process.env.PATH ?? ''
  const decision = decideInstallation({
    missing: listMissing(searchPath),
    hasApt: findProgram('apt-get', searchPath) !== undefined,
    isRoot: process.getuid?.() === 0,
    hasSudo: await hasSudoWithoutPassword(searchPath),
  })
  switch (decision.kind) {
    case 'nothing':
      return undefined
    case 'ask':
      return decision.sentence
    case 'install':
      await install(decision)
      return listMissing(searchPath).length === 0
        ? undefined
        : `apt-get could not install ${decision.packages.join(' and ')}. Install them by hand, then run npm test again.`
  }
}

function listMissing(searchPath) {
  return neededPrograms
    .map(({ program }) => program)
    .filter((program) => findProgram(program, searchPath) === undefined)
}

async function hasSudoWithoutPassword(searchPath) {
  const sudo = findProgram('sudo', searchPath)
  return sudo !== undefined && (await runStep(sudo, ['-n', 'true'], { isQuiet: true })) === 0
}

/** The system's own policy, if there is one, is respected; ours is removed whatever happens. */
async function install({ packages, prefix }) {
  console.log(`Installing ${packages.join(' and ')}; their services are not started.`)
  const run = (...command) => {
    const [program, ...args] = [...prefix, ...command]
    return runStep(program, args, { isQuiet: true })
  }
  const isOurPolicy = !existsSync(policyFile)
  try {
    if (isOurPolicy) {
      await run('sh', '-c', `printf '#!/bin/sh\\nexit 101\\n' > ${policyFile} && chmod 755 ${policyFile}`)
    }
    const apt = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q']
    await run(...apt, 'update')
    await run(...apt, 'install', '-y', '--no-install-recommends', ...packages)
  } finally {
    if (isOurPolicy) await run('rm', '-f', policyFile)
  }
}

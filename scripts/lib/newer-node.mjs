import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** MikroORM 7 asks for it; sherd itself runs on older ones. */
export const newerNode = { major: 22, minor: 17 }

/** Whether `version`, such as `v22.17.0`, is new enough for the suites named `*.newer-node.test.ts`. */
export function isNewerNode(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number)
  return major > newerNode.major || (major === newerNode.major && minor >= newerNode.minor)
}

/** The Node that runs those suites: this one, or else one that npm fetches. Gives a sentence for the user when neither is there. */
export async function findNewerNode() {
  if (isNewerNode(process.version)) return { path: process.execPath }
  try {
    const args = ['--yes', '--package=node@24', 'node', '--print', 'process.execPath']
    const { stdout } = await run('npx', args)
    return { path: stdout.trim().split('\n').at(-1) }
  } catch (error) {
    const needed = `${newerNode.major}.${newerNode.minor}`
    return {
      sentence: `MikroORM 7 is tested on Node ${needed} or newer. This is ${process.version}, and \`npx --package=node@24 node\` failed: ${String(error)}\nRun npm test on a newer Node, or where npm reaches its registry.`,
    }
  }
}

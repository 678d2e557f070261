import { isNewerNode, newerNode } from '../../scripts/lib/newer-node.mjs'

/** Run by vitest before the suites that need a newer Node, so that they fail with a sentence and not inside a library. */
export function setup(): void {
  if (isNewerNode(process.version)) return
  const needed = `${newerNode.major}.${newerNode.minor}`
  throw new Error(
    `These suites need Node ${needed} or newer, and this is ${process.version}. \`npm test -- --project newer-node\` finds one; by hand: npx -y -p node@24 node node_modules/vitest/vitest.mjs run --project newer-node`,
  )
}

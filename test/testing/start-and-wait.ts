import { startRedis } from '../../src/testing/servers/start-redis.ts'
import { startServers } from '../../src/testing/servers/start-servers.ts'

// A program that starts servers, tells their numbers, and waits to be killed: see parent-death.server.test.ts.
const [directory] = process.argv.slice(2)
if (directory === undefined) throw new Error('the directory is missing')
const set = await startServers({ primaries: 1, replicasPerPrimary: 1, directory })
const redis = await startRedis()
const servers = set.servers.flatMap((site) => [site.primary, ...site.replicas])
const pids = [...servers.map((server) => server.pid), redis.pid]
process.stdout.write(`${JSON.stringify(pids)}\n`)
// Without something to wait for, Node would leave: the servers do not hold it.
process.stdin.resume()

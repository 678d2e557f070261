import type { ResultCallback } from '../drivers/driver.ts'
import type { Session } from '../session/session.ts'
import type { Engine } from './engine.ts'
import { runBroadcast } from './run-broadcast.ts'
import { commitFirst, mustCommitFirst } from './commit-first.ts'
import { withScatterDeadline } from './limit-time.ts'
import type { Request } from './request.ts'
import { rewriteRoute } from './rewrite-route.ts'
import { routeStatement } from './route-statement.ts'
import { runIntrospection } from './run-introspection.ts'
import { runOnOneShard } from './run-on-one-shard.ts'
import { runScatter } from './run-scatter.ts'
import { findLocalCopy, runPassthrough } from './run-passthrough.ts'
import { isReferenceChange, runReferenceChange, runSchemaChange } from './run-schema-change.ts'
import { runSessionStatement } from './run-session-statement.ts'
import { runSplitRead } from './run-split-read.ts'
import { runSplitWrite } from './run-split-write.ts'
import { raiseRefusal } from './raise-refusal.ts'

/**
 * The corridor: a statement's way from the facade to the servers and back.
 *
 *   facade → session → sql → plan → keys + routing → rewrite → engine ⇄ pools ⇄ drivers → merge → facade
 *
 * docs/life-of-a-statement.md walks through the same steps. Errors met before anything was sent are
 * thrown; all later ones come through `done`, which is called once.
 */
export function runStatement(engine: Engine, session: Session, request: Request, done: ResultCallback): void {
  // sql and plan: from the cache, or read and decided now. Pure.
  const plan = engine.planner.find(request.sql)
  if (mustCommitFirst(engine, session, request.sql))
    return commitFirst(engine, session, done, () => runStatement(engine, session, request, done))
  switch (plan.kind) {
    case 'refuse':
      return raiseRefusal(plan.refusal, request.sql)
    case 'session':
      return runSessionStatement(engine, session, plan, request, done)
    case 'passthrough':
      if (isReferenceChange(plan) && findLocalCopy(engine, session, plan, request) === undefined)
        return runReferenceChange(engine, session, plan, request, done)
      return runPassthrough(engine, session, plan, request, done)
    case 'introspect':
      return runIntrospection(engine, session, plan, request, done)
    case 'direct':
    case 'subset':
      // keys and routing: from the values, the hint and the scope to logical shards.
      return routeStatement(engine, plan, request, (error, route) => {
        if (route === undefined) return done(error)
        if (route.kind === 'many') {
          const runMany = plan.isRead ? runScatter : runBroadcast
          return runMany(engine, session, plan, route, request, done)
        }
        if (route.kind === 'each') return runSchemaChange(engine, session, plan, route.shards, request, done)
        // rewrite: the text of each shard, spliced, never printed.
        const statements = rewriteRoute(engine, plan, route, request.values)
        // engine ⇄ pools ⇄ drivers, then merge.
        const [only] = statements
        const timed = plan.isRead ? withScatterDeadline(engine, request) : request
        if (only !== undefined && statements.length === 1) {
          const own = route.kind === 'one' && route.isAny === true ? session.fork() : session
          return runOnOneShard(engine, own, only, plan.isRead, timed, done)
        }
        if (plan.isRead) return runSplitRead(engine, session, plan, statements, timed, done)
        return runSplitWrite(engine, session, statements, request, done)
      })
  }
}

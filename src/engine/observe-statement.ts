import type { ResultCallback } from '../drivers/driver.ts'
import { SherdError } from '../errors/sherd-error.ts'
import { events } from '../observe/events.ts'
import type { Session } from '../session/session.ts'
import { DescribedStatement } from './describe-statement.ts'
import type { Engine } from './engine.ts'
import type { Request } from './request.ts'
import { runStatement } from './run-statement.ts'

/** The corridor with its listeners: without any it is the corridor alone. */
export function observeStatement(
  engine: Engine,
  session: Session,
  request: Request,
  done: ResultCallback,
): void {
  if (!isHeard()) return runStatement(engine, session, request, done)
  const event = new DescribedStatement(engine, session, request)
  events.statementStart.publish(event)
  const end = (error: unknown): void => {
    event.end(error)
    if (event.outcome === 'refuse' && error instanceof SherdError) {
      const { operation, tables } = event
      events.refusal.publish({ code: error.code, operation, tables })
    }
    events.statementEnd.publish(event)
  }
  try {
    runStatement(engine, session, { ...request, event }, (error, rows, fields) => {
      end(error)
      done(error, rows, fields)
    })
  } catch (error) {
    end(error)
    throw error
  }
}

function isHeard(): boolean {
  return (
    events.statementStart.isHeard ||
    events.statementEnd.isHeard ||
    events.queryStart.isHeard ||
    events.queryEnd.isHeard ||
    events.refusal.isHeard
  )
}

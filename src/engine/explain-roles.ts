import type { Scope } from '../session/scopes.ts'
import type { Server } from '../topology/topology.ts'
import type { ExplainedRun } from './explanation.ts'

/** Who may serve a statement outside of transactions. */
export function rolesOf(server: Server, isRead: boolean, scope: Scope | undefined): ExplainedRun['roles'] {
  const policy = scope?.reads?.policy ?? server.reads.policy
  const mayBeReplica = isRead && policy !== 'primary' && server.replicas.length > 0
  return mayBeReplica ? ['primary', 'replica'] : ['primary']
}

import { Circuit } from '@multiformats/multiaddr-matcher'
import { markOf, USERS } from '../../pipeline/runtime/live-target.ts'
import { candidate } from '../../pipeline/candidate.ts'
import { parseProvenance, provenanceJudge } from '../../pipeline/provenance-policy.ts'
import { SOURCE } from '../../pipeline/sources.ts'
import { provenanceOf } from '../attempts/outcome.ts'
import type { AddressReport, DialComponents, DialPipelineOptions, Target } from '../../pipeline/types.ts'
import type { Connection } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * Returns the open connection that makes a dial unnecessary, by libp2p's rules: an unlimited one, direct ones first. A relayed one
 * counts only if no address of the target is direct. Takes `preferred` when it is among the usable ones
 */
export function findOpenConnection (connections: readonly Connection[], multiaddrs: readonly Multiaddr[], preferred?: Connection): Connection | undefined {
  const usable = connections.filter(({ status, limits }) => status === 'open' && limits == null)

  if (usable.length === 0) {
    return
  }

  const direct = usable.find(connection => connection.direct)
  const found = direct ?? (multiaddrs.some(multiaddr => !Circuit.exactMatch(multiaddr)) ? undefined : usable[0])

  return found != null && preferred != null && usable.includes(preferred) ? preferred : found
}

type Components = Pick<DialComponents, 'connectionManager' | 'addressBook' | 'convergence'>

/**
 * Returns the open connection that makes a dial unnecessary. A table in docs/internals/contract.md says when. Undefined when there is none,
 * or the dial is forced
 *
 * @param isNested whether a transport makes the dial for an attempt
 */
export function findConnection (components: Components, target: Target, options: DialPipelineOptions, isNested = false): Connection | undefined {
  const { peerId, multiaddrs } = target

  if (peerId == null || options.force === true) {
    return
  }

  const open = components.connectionManager.getConnections(peerId)
  const accepted = options.provenance === undefined ? open : open.filter(one => mayAnswer(components, one, target, options, isNested))

  return findOpenConnection(accepted, multiaddrs, accepted.length > 1 ? components.convergence?.preferred?.(peerId) : undefined)
}

/** Returns the connection that the node has converged on, if it makes a dial unnecessary */
export function preferredConnection (components: Components, target: Target, options: DialPipelineOptions): Connection | undefined {
  const preferred = target.peerId == null ? undefined : components.convergence?.preferred?.(target.peerId)

  return preferred != null && findConnection(components, target, options) === preferred ? preferred : undefined
}

/**
 * Returns whether an open connection may answer a dial. With a `provenance` policy, the address that it was dialled over has to
 * pass. A nested dial accepts any connection to its relay
 */
export function mayAnswer ({ addressBook }: Pick<Components, 'addressBook'>, connection: Connection, { multiaddrs }: Target, { provenance }: DialPipelineOptions, isNested: boolean): boolean {
  if (provenance === undefined || isNested) {
    return true
  }

  const judge = provenanceJudge(parseProvenance('The dial option "provenance"', provenance), addressBook?.isAttributed)

  return judge?.(reportsOf(connection, multiaddrs, addressBook)) == null
}

/** Returns the reports of a connection's address: those at the time of its dial, and the current ones */
function reportsOf (connection: Connection, multiaddrs: readonly Multiaddr[], addressBook: DialComponents['addressBook']): readonly AddressReport[] {
  const { remotePeer, remoteAddr, direction } = connection

  if (direction === 'inbound') {
    return [{ source: SOURCE.observed }]
  }

  const { id } = candidate(remoteAddr, remotePeer)
  const isIts = (multiaddr: Multiaddr): boolean => candidate(multiaddr, remotePeer).id === id
  const known = addressBook?.query(remotePeer) ?? []

  return [
    ...provenanceOf(connection),
    ...known.filter(({ multiaddr }) => isIts(multiaddr)).flatMap(({ provenance }) => provenance),
    ...multiaddrs.filter(isIts).flatMap(one => markOf(one)?.provenance ?? USERS)
  ]
}

import { Circuit } from '@multiformats/multiaddr-matcher'
import { markOf, USERS } from '../../pipeline/address-marks.ts'
import { candidate } from '../../pipeline/candidate.ts'
import { parseProvenance } from '../../pipeline/parse-provenance.ts'
import { provenanceJudge } from '../../pipeline/provenance-judge.ts'
import { SOURCE } from '../../pipeline/sources.ts'
import { provenanceOf } from '../attempts/outcome-recorder.ts'
import type { Attestation, DialComponents, DialPipelineOptions } from '../../pipeline/types.ts'
import type { Connection, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * The open connection that makes a dial unnecessary, as libp2p has it: not a limited one, a direct one first; a relayed
 * one only if none of the addresses to dial would be direct. Where there is one, it is the preferred one that is taken.
 */
export function findExisting (connections: readonly Connection[], multiaddrs: readonly Multiaddr[], preferred?: Connection): Connection | undefined {
  const usable = connections.filter(({ status, limits }) => status === 'open' && limits == null)

  if (usable.length === 0) {
    return
  }

  const direct = usable.find(connection => connection.direct)
  const found = direct ?? (multiaddrs.some(multiaddr => !Circuit.exactMatch(multiaddr)) ? undefined : usable[0])

  return found != null && preferred != null && usable.includes(preferred) ? preferred : found
}

/** What of a target says whether a connection leads to it */
interface Led {
  readonly peerId?: PeerId
  /** With the marks of who vouches for them */
  readonly multiaddrs: readonly Multiaddr[]
}

/** The open connections of a node, of which one makes a dial unnecessary: docs/internals/contract.md has a table of when */
export class OpenConnections {
  readonly #components: Pick<DialComponents, 'connectionManager' | 'addressBook'>
  readonly #preferredOf?: (peerId: PeerId) => Connection | undefined

  /** @param preferredOf returns the connection to a peer that new streams take; undefined: any */
  constructor (components: Pick<DialComponents, 'connectionManager' | 'addressBook'>, preferredOf?: (peerId: PeerId) => Connection | undefined) {
    this.#components = components
    this.#preferredOf = preferredOf
  }

  /**
   * The one that makes such a dial unnecessary; undefined: there is none, or the dial is forced
   *
   * @param isNested a transport makes the dial for another
   */
  find (target: Led, options: DialPipelineOptions, isNested = false): Connection | undefined {
    const { peerId, multiaddrs } = target

    if (peerId == null || options.force === true) {
      return
    }

    const open = this.#components.connectionManager.getConnections(peerId)
    const accepted = options.provenance === undefined ? open : open.filter(one => this.mayAnswer(one, target, options, isNested))

    return findExisting(accepted, multiaddrs, accepted.length > 1 ? this.#preferredOf?.(peerId) : undefined)
  }

  /** The one that the node's connections have converged on, where that makes such a dial unnecessary */
  preferred (target: Led, options: DialPipelineOptions): Connection | undefined {
    const preferred = target.peerId == null ? undefined : this.#preferredOf?.(target.peerId)

    return preferred != null && this.find(target, options) === preferred ? preferred : undefined
  }

  /**
   * Whether an open connection may answer a dial: where its caller has a policy, only if the address that it was dialled over passes.
   * A transport that dials in turn uses a relay that is connected, whatever address that was dialled over
   */
  mayAnswer (connection: Connection, { multiaddrs }: Led, { provenance }: DialPipelineOptions, isNested: boolean): boolean {
    if (provenance === undefined || isNested) {
      return true
    }

    const judge = provenanceJudge(parseProvenance('The dial option "provenance"', provenance), this.#components.addressBook?.isAttributed)

    return judge?.(this.#reportsOf(connection, multiaddrs)) == null
  }

  /** Who stands for the address of a connection: whoever did when it was dialled, and whoever does now */
  #reportsOf (connection: Connection, multiaddrs: readonly Multiaddr[]): readonly Attestation[] {
    const { remotePeer, remoteAddr, direction } = connection

    if (direction === 'inbound') {
      return [{ source: SOURCE.observed }]
    }

    const { addressBook } = this.#components
    const { id } = candidate(remoteAddr, remotePeer)
    const isIts = (multiaddr: Multiaddr): boolean => candidate(multiaddr, remotePeer).id === id
    const known = addressBook?.query(remotePeer) ?? []

    return [
      ...provenanceOf(connection),
      ...known.filter(({ multiaddr }) => isIts(multiaddr)).flatMap(({ provenance }) => provenance),
      ...multiaddrs.filter(isIts).flatMap(one => markOf(one)?.provenance ?? USERS)
    ]
  }
}

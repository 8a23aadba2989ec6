import { whyNoHost } from '../address/host-name.ts'
import { peerIn } from './candidate.ts'
import { isThenable } from './foreign-promises.ts'
import { isGiven } from './given.ts'
import { nodeState } from './node-state.ts'
import { OwnAddresses } from './own-addresses.ts'
import type { Candidate, DialComponents } from './types.ts'
import type { PeerId } from '@libp2p/interface'
import type { Component } from '@multiformats/multiaddr'

/** What the gater has said of one address: returns its answer, or throws what it has thrown */
type Answer = () => boolean | Promise<boolean>

// shared: most addresses have one of these
const ALLOWED: Answer = () => true
const DENIED: Answer = () => false

/** A node's verdicts on the candidates of one dial. The gater is asked once for each address, bans are read each time */
export class Judgements {
  readonly #components: DialComponents
  readonly #peerId?: PeerId
  /** Null: it can be dialled */
  readonly #reasons = new Map<Candidate, string | null>()
  /** By the text of the address: each source that names it makes another candidate of it */
  readonly #answers = new Map<string, Answer>()

  /** The identities of those that the connection gater has denied */
  readonly denied = new Set<string>()

  constructor (components: DialComponents, peerId?: PeerId) {
    this.#components = components
    this.#peerId = peerId
  }

  whyNotDialable (candidate: Candidate): string | undefined {
    const known = this.#reasons.get(candidate)

    if (known !== undefined) {
      return known ?? undefined
    }

    const reason = whyNotDialable(candidate, this.#peerId, this.#components)
    this.#reasons.set(candidate, reason ?? null)

    return reason
  }

  /**
   * Whether the node's gater allows an address, and no ban denies it. The gater is asked once per address and dial
   *
   * @throws what the gater throws, each time: an error is no yes
   */
  gate (candidate: Candidate): boolean | Promise<boolean> {
    // a ban may begin and end while the dial runs, so that it is looked up each time
    if (this.#components.bans?.reasonFor(candidate) != null) {
      return this.#note(candidate, true)
    }

    const address = candidate.multiaddr.toString()
    const answer = this.#answers.get(address) ?? this.#ask(address, candidate)

    return answer()
  }

  #ask (address: string, candidate: Candidate): Answer {
    const answer = this.#answerOf(address, candidate)
    this.#answers.set(address, answer)

    return answer
  }

  #answerOf (address: string, candidate: Candidate): Answer {
    try {
      const denied = this.#components.connectionGater.denyDialMultiaddr?.(candidate.multiaddr) ?? false

      if (!isThenable(denied)) {
        return this.#note(candidate, denied) ? ALLOWED : DENIED
      }

      const later = Promise.resolve(denied).then(answer => {
        const isAllowed = this.#note(candidate, answer)
        this.#answers.set(address, isAllowed ? ALLOWED : DENIED)

        return isAllowed
      })

      return async () => later
    } catch (err) {
      return () => { throw err }
    }
  }

  #note (candidate: Candidate, isDenied: boolean): boolean {
    if (isDenied) {
      // a ban ends and a gater changes its mind: that proves nothing about the address
      this.denied.add(candidate.id)
    }

    return !isDenied
  }
}

/** Why an address cannot be dialled, undefined where it can. The address itself is read: a stage may have changed what stands beside it */
function whyNotDialable (candidate: Candidate, target: PeerId | undefined, node: DialComponents): string | undefined {
  const { multiaddr } = candidate
  const components = multiaddr.getComponents()
  const peer = peerIn(components)

  if (peer === node.peerId.toString()) {
    return 'an address of this node'
  }

  if (target != null && peer !== undefined && peer !== target.toString()) {
    return `an address of another peer, ${peer}`
  }

  // each transport would read it as another host, and so would whoever judges it
  const noHost = whyNoHost(components)

  if (noHost != null) {
    return noHost
  }

  if (node.transportManager.dialTransportForMultiaddr(multiaddr) == null) {
    return 'no transport'
  }

  // to the caller of a dial it is this machine, as it is to the operating system
  if (isUnspecified(components) && !isGiven(candidate)) {
    return 'an unspecified address'
  }

  return nodeState(node, OwnAddresses).has(multiaddr.toString(), components) ? 'this node listens there itself' : undefined
}

function isUnspecified ([first]: readonly Component[]): boolean {
  return first?.value === '0.0.0.0' || (first?.name === 'ip6' && first.value === '::')
}

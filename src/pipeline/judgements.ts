import { CODE_P2P } from '@multiformats/multiaddr'
import { whyNoHost } from '../address/host-name.ts'
import { isGiven, peerIn } from './candidate.ts'
import { Fresh } from './clock.ts'
import { isThenable } from './foreign-promises.ts'
import { nodeState } from './runtime/make-stage.ts'
import type { Candidate, DialComponents } from './types.ts'
import type { PeerId } from '@libp2p/interface'
import type { Component } from '@multiformats/multiaddr'

/** A node's verdicts on the candidates of one dial. The gater is asked once for each address, bans are read each time */
export class Judgements {
  readonly #components: DialComponents
  readonly #peerId?: PeerId
  /** Null: it can be dialled */
  readonly #reasons = new Map<Candidate, string | null>()
  /** By the text of the address: each source that names it makes another candidate of it */
  readonly #answers = new Map<string, boolean | Promise<boolean>>()

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
   * Whether the node's gater allows an address, and no ban denies it. The gater is asked once per address and dial. A promise rejects with
   * what the gater throws: an error is no yes
   */
  gate (candidate: Candidate): boolean | Promise<boolean> {
    // a ban may begin and end while the dial runs, so that it is looked up each time
    if (this.#components.bans?.reasonFor(candidate) != null) {
      return this.#note(candidate, true)
    }

    const address = candidate.multiaddr.toString()
    const known = this.#answers.get(address)

    if (known != null) {
      return known
    }

    const answer = this.#ask(candidate, isAllowed => { this.#answers.set(address, isAllowed) })
    this.#answers.set(address, answer)

    return answer
  }

  /** @param onSettled called with an answer that was awaited */
  #ask (candidate: Candidate, onSettled: (isAllowed: boolean) => void): boolean | Promise<boolean> {
    const denied = this.#denies(candidate)

    if (!isThenable(denied)) {
      return this.#note(candidate, denied)
    }

    return Promise.resolve(denied).then(answer => {
      const isAllowed = this.#note(candidate, answer)
      onSettled(isAllowed)

      return isAllowed
    })
  }

  #denies ({ multiaddr }: Candidate): boolean | Promise<boolean> {
    try {
      return this.#components.connectionGater.denyDialMultiaddr?.(multiaddr) ?? false
    } catch (err) {
      return Promise.reject(err)
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

/** The addresses that a node listens on */
export class OwnAddresses {
  /** Without peer ids, as text. A node lists the interfaces of the machine each time, which takes longer than all else of a dial */
  readonly #listening: Fresh<ReadonlySet<string>>

  constructor ({ clock, transportManager }: Pick<DialComponents, 'clock' | 'transportManager'>) {
    this.#listening = new Fresh(clock, () => new Set(transportManager.getAddrs().map(one => withoutPeer(one.toString(), one.getComponents()))))
  }

  /** Whether the node itself listens on an address. Never on one behind a relay: others listen through that too */
  has (text: string, components: readonly Component[]): boolean {
    const { value } = this.#listening

    return value.size > 0 && value.has(withoutPeer(text, components)) && !components.some(({ name }) => name === 'p2p-circuit')
  }
}

function withoutPeer (text: string, components: readonly Component[]): string {
  return components.at(-1)?.code === CODE_P2P ? text.slice(0, text.lastIndexOf('/p2p/')) : text
}

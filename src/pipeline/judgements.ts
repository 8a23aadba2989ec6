import { CODE_P2P } from '@multiformats/multiaddr'
import { whyNoHost } from '../address/host-name.ts'
import { isGiven, peerIn } from './candidate.ts'
import { Fresh } from './clock.ts'
import { DialDeniedError, NoValidAddressesError } from './errors.ts'
import { isThenable, settledOrAborted } from './foreign-promises.ts'
import { nodeState } from './runtime/make-stage.ts'
import type { Candidate, DialBans, DialComponents } from './types.ts'
import type { PeerId } from '@libp2p/interface'
import type { Component } from '@multiformats/multiaddr'

/**
 * A node's verdicts on the peer and the candidates of one dial, whatever its pipeline is. The gater is asked once for each address, bans
 * are read each time
 */
export class Judgements {
  readonly #components: DialComponents
  readonly #peerId?: PeerId
  readonly #isOfRelay: boolean
  /** Null: it can be dialled */
  readonly #reasons = new Map<Candidate, string | null>()
  /** By the text of the address: each source that names it makes another candidate of it */
  readonly #answers = new Map<string, boolean | Promise<boolean>>()

  /** The identities of those that the connection gater has denied */
  readonly denied = new Set<string>()

  /** @param isOfRelay the dial connects to a relay for another dial */
  constructor (components: DialComponents, peerId?: PeerId, isOfRelay = false) {
    this.#components = components
    this.#peerId = peerId
    this.#isOfRelay = isOfRelay
  }

  /** Why this node cannot dial a candidate; undefined where it can */
  whyNotDialable (candidate: Candidate): string | undefined {
    // the circuit relay v2 servers of js-libp2p and go-libp2p refuse to relay for a peer that is connected over a relay
    if (this.#isOfRelay && candidate.facts.isRelayed) {
      return 'a relay is not reached through another relay'
    }

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

    if (this.#components.connectionGater.denyDialMultiaddr == null) {
      return true
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

  /**
   * Checks an address that is about to be attempted. A promise: the gater takes its time
   *
   * @throws NoValidAddressesError or DialDeniedError where it must not be attempted; what the gater throws
   */
  check (candidate: Candidate): void | Promise<void> {
    const reason = this.whyNotDialable(candidate)

    if (reason != null) {
      throw new NoValidAddressesError(`Cannot dial ${candidate.id}: ${reason}`)
    }

    // one may have been banned since a stage asked
    const banned = banErrorOf(candidate, this.#components.bans)

    if (banned != null) {
      throw banned
    }

    const isAllowed = this.gate(candidate)

    return typeof isAllowed === 'boolean' ? checkAllowed(isAllowed, candidate) : isAllowed.then(answer => { checkAllowed(answer, candidate) })
  }

  /**
   * @param part ends the wait for the gater
   * @param peer returns the peer in words. Others may join the dial of a relay: only there libp2p's words do not say whom they refuse
   * @throws DialDeniedError where the peer must not be dialled; what the gater throws; the reason for which the part has ended
   */
  checkPeer (part: { readonly signal: AbortSignal }, peer: () => string): void | Promise<void> {
    const { bans, connectionGater } = this.#components
    const banned = this.#peerId == null ? undefined : bans?.reasonFor(this.#peerId)
    const whom = (): string => this.#isOfRelay ? ` for peer: ${peer()}` : ''

    if (banned != null) {
      throw new DialDeniedError(`The dial request is denied${whom()}: ${banned}`)
    }

    const denied: unknown = this.#peerId == null ? undefined : connectionGater.denyDialPeer?.(this.#peerId)

    if (isThenable(denied)) {
      return settledOrAborted(denied, part.signal).then(answer => { checkDenied(answer, whom) })
    }

    checkDenied(denied, whom)
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

/** Returns the error for an address that is banned now; undefined: it is not */
export function banErrorOf (candidate: Candidate, bans: DialBans | undefined): DialDeniedError | undefined {
  const reason = bans?.reasonFor(candidate)

  return reason == null ? undefined : new DialDeniedError(`Cannot dial ${candidate.id}: ${reason}`)
}

function checkDenied (denied: unknown, whom: () => string): void {
  if (denied === true) {
    throw new DialDeniedError(`The dial request is blocked by gater.allowDialPeer${whom()}`)
  }
}

function checkAllowed (isAllowed: boolean, { id }: Candidate): void {
  if (!isAllowed) {
    throw new DialDeniedError(`The connection gater denied ${id}`)
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

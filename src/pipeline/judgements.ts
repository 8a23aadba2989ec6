import { whyNoHostName } from '../address/host-name.ts'
import { scopeOf } from '../address/scope.ts'
import { isNamedByCaller, peerIn, withoutPeer } from './candidate.ts'
import { CachedValue } from './clock.ts'
import { DialDeniedError, NoValidAddressesError } from './errors.ts'
import { isThenable, settledOrAborted } from './foreign-promises.ts'
import { nodeState } from './runtime/make-stage.ts'
import type { Candidate, DialBans, DialComponents } from './types.ts'
import type { ConnectionGater, PeerId } from '@libp2p/interface'
import type { Component } from '@multiformats/multiaddr'

const NONE: readonly string[] = Object.freeze([])

/** Maximum number of candidates whose verdicts a dial remembers */
const MAX_REASONS = 1_024

/**
 * The verdicts of a node on the peer and the candidates of one dial, independent of its pipeline. The gater is asked once for each address, and
 * bans are looked up each time
 */
export class Judgements {
  readonly #components: DialComponents
  readonly #peerId?: PeerId
  readonly #isOfRelay: boolean
  /** The node's gater at the beginning of the dial: reading it from libp2p's components is slow */
  readonly #gater: ConnectionGater
  /** Why each candidate cannot be dialled. Null: it can */
  readonly #reasons = new Map<Candidate, string | null>()
  /** The answers of the gater by address text: several sources make several candidates of one address */
  readonly #answers = new Map<string, boolean | Promise<boolean>>()

  /** The ids of the candidates that the gater or a ban has denied */
  readonly denied = new Set<string>()
  /** The method of the gater that has not judged the peer. Empty when none is awaited */
  awaited: readonly string[] = NONE

  /** @param isOfRelay whether the dial connects to a relay for another dial */
  constructor (components: DialComponents, peerId?: PeerId, isOfRelay = false) {
    this.#components = components
    this.#peerId = peerId
    this.#isOfRelay = isOfRelay
    this.#gater = components.connectionGater
  }

  whyNotDialable (candidate: Candidate): string | undefined {
    // the circuit relay v2 servers of js-libp2p and go-libp2p refuse to relay for a peer that is connected over a relay
    if (this.#isOfRelay && candidate.facts.isRelayed) {
      return 'a relay is not reached through another relay'
    }

    let reason = this.#reasons.get(candidate)

    if (reason === undefined) {
      // each run of a `retry()` makes its candidates anew. Not a WeakMap: making one for each dial costs more
      if (this.#reasons.size >= MAX_REASONS) {
        this.#reasons.clear()
      }

      reason = whyNotDialable(candidate, this.#peerId, this.#components) ?? null
      this.#reasons.set(candidate, reason)
    }

    return reason ?? undefined
  }

  /**
   * Returns whether the gater allows an address and no ban denies it. The gater is asked once per address and dial. A promise rejects with the
   * error of the gater: an error allows nothing
   */
  gate (candidate: Candidate): boolean | Promise<boolean> {
    // looked up each time: a ban may begin or end while the dial runs
    if (this.#components.bans?.reasonFor(candidate) != null) {
      return this.#note(candidate, true)
    }

    if (this.#gater.denyDialMultiaddr == null) {
      return true
    }

    const address = candidate.multiaddr.toString()
    const answer = this.#answers.get(address) ?? this.#ask(candidate, address)
    this.#answers.set(address, answer)

    return answer
  }

  /**
   * Checks an address that is about to be attempted. Returns a promise if the gater does
   *
   * @throws NoValidAddressesError or DialDeniedError if the address must not be attempted; the error of the gater
   */
  check (candidate: Candidate): void | Promise<void> {
    const reason = this.whyNotDialable(candidate)

    if (reason != null) {
      throw new NoValidAddressesError(`Cannot dial ${candidate.id}: ${reason}`)
    }

    // a ban may have begun since the stage asked
    const isAllowed = this.gate(candidate)

    return typeof isAllowed === 'boolean' ? this.#checkAllowed(isAllowed, candidate) : isAllowed.then(answer => { this.#checkAllowed(answer, candidate) })
  }

  /**
   * Checks the peer of the dial
   *
   * @param part the part of the dial that waits for the gater
   * @param peer returns the peer in words. The errors name it only for relays: otherwise they keep libp2p's words
   * @throws DialDeniedError if the peer must not be dialled; the error of the gater; the reason for which the part has ended
   */
  checkPeer (part: { readonly signal: AbortSignal }, peer: () => string): void | Promise<void> {
    const { bans } = this.#components
    const banned = this.#peerId == null ? undefined : bans?.reasonFor(this.#peerId)
    const whom = (): string => this.#isOfRelay ? ` for peer: ${peer()}` : ''

    if (banned != null) {
      throw new DialDeniedError(`The dial request is denied${whom()}: ${banned}`)
    }

    const denied: unknown = this.#peerId == null ? undefined : this.#gater.denyDialPeer?.(this.#peerId)

    if (isThenable(denied)) {
      this.awaited = ['connectionGater.denyDialPeer()']

      return settledOrAborted(denied, part.signal).then(answer => {
        this.awaited = NONE
        checkDenied(answer, whom)
      })
    }

    checkDenied(denied, whom)
  }

  #checkAllowed (isAllowed: boolean, candidate: Candidate): void {
    if (!isAllowed) {
      throw banErrorOf(candidate, this.#components.bans) ?? new DialDeniedError(`The connection gater denied ${candidate.id}`)
    }
  }

  #ask (candidate: Candidate, address: string): boolean | Promise<boolean> {
    try {
      const denied = this.#gater.denyDialMultiaddr?.(candidate.multiaddr) ?? false

      if (!isThenable(denied)) {
        return this.#note(candidate, denied)
      }

      return Promise.resolve(denied).then(answer => {
        const isAllowed = this.#note(candidate, answer)
        this.#answers.set(address, isAllowed)

        return isAllowed
      })
    } catch (err) {
      return Promise.reject(err)
    }
  }

  #note (candidate: Candidate, isDenied: boolean): boolean {
    if (isDenied) {
      // only recorded for this dial: a denial may change, and proves nothing about the address
      this.denied.add(candidate.id)
    }

    return !isDenied
  }
}

/** Returns the error for a banned address. Undefined: the address is not banned */
export function banErrorOf (candidate: Candidate, bans: DialBans | undefined): DialDeniedError | undefined {
  const reason = bans?.reasonFor(candidate)

  return reason == null ? undefined : new DialDeniedError(`Cannot dial ${candidate.id}: ${reason}`)
}

function checkDenied (denied: unknown, whom: () => string): void {
  if (denied === true) {
    throw new DialDeniedError(`The dial request is blocked by gater.allowDialPeer${whom()}`)
  }
}

/** Returns why an address cannot be dialled. Undefined: it can. Reads the multiaddr, because a stage may have changed the facts beside it */
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

  // refuses a name that no host can have: transports and filters would each read it differently
  const noHost = whyNoHostName(components)

  if (noHost != null) {
    return noHost
  }

  if (node.transportManager.dialTransportForMultiaddr(multiaddr) == null) {
    return 'no transport'
  }

  // an unspecified address that the caller named means this machine, as for the operating system
  if (!isNamedByCaller(candidate) && scopeOf(multiaddr) === 'unspecified') {
    return 'an unspecified address'
  }

  return nodeState(node, OwnAddresses).has(multiaddr.toString(), components) ? 'this node listens there itself' : undefined
}

export class OwnAddresses {
  /** The addresses as text, without peer ids. Cached: the node lists the interfaces of the machine each time, which is slower than the rest of a dial */
  readonly #listening: CachedValue<ReadonlySet<string>>

  constructor ({ clock, transportManager }: Pick<DialComponents, 'clock' | 'transportManager'>) {
    this.#listening = new CachedValue(clock, () => new Set(transportManager.getAddrs().map(one => withoutPeer(one.toString()))))
  }

  /** Returns whether the node itself listens on an address. False for addresses behind a relay, which other peers share */
  has (text: string, components: readonly Component[]): boolean {
    const { value } = this.#listening

    return value.size > 0 && value.has(withoutPeer(text)) && !components.some(({ name }) => name === 'p2p-circuit')
  }
}

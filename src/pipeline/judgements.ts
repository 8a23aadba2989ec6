import { whyNotDialable } from './why-not-dialable.ts'
import type { Candidate, DialComponents } from './types.ts'
import type { PeerId } from '@libp2p/interface'

/** What a node says of the candidates of one dial. Each is asked about once */
export class Judgements {
  readonly #components: DialComponents
  readonly #peerId?: PeerId
  readonly #reasons = new Map<Candidate, { reason?: string }>()
  readonly #gated = new Map<Candidate, boolean | Promise<boolean>>()

  /** The identities of those that the connection gater has denied */
  readonly denied = new Set<string>()

  constructor (components: DialComponents, peerId?: PeerId) {
    this.#components = components
    this.#peerId = peerId
  }

  whyNotDialable (candidate: Candidate): string | undefined {
    const known = this.#reasons.get(candidate) ?? { reason: whyNotDialable(candidate, this.#peerId, this.#components) }
    this.#reasons.set(candidate, known)

    return known.reason
  }

  gate (candidate: Candidate): boolean | Promise<boolean> {
    const allowed = this.#gated.get(candidate) ?? this.#ask(candidate)
    this.#gated.set(candidate, allowed)

    return allowed
  }

  #ask (candidate: Candidate): boolean | Promise<boolean> {
    if (this.#components.bans?.reasonFor(candidate) != null) {
      return this.#note(candidate, true)
    }

    const denied = this.#components.connectionGater.denyDialMultiaddr?.(candidate.multiaddr) ?? false

    return typeof denied === 'object' ? denied.then(answer => this.#note(candidate, answer)) : this.#note(candidate, denied)
  }

  #note (candidate: Candidate, isDenied: boolean): boolean {
    if (isDenied) {
      this.denied.add(candidate.id)

      if (this.#peerId != null) {
        this.#components.addressBook?.refute?.(this.#peerId, candidate.multiaddr, 'denied')
      }
    }

    return !isDenied
  }
}

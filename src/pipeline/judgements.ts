import { whyNotDialable } from './why-not-dialable.ts'
import type { Candidate, DialComponents } from './types.ts'
import type { PeerId } from '@libp2p/interface'

/** What the gater has said of one address: returns its answer, or throws what it has thrown */
type Answer = () => boolean | Promise<boolean>

/** A node's verdicts on the candidates of one dial. The gater is asked once for each address, bans are read each time */
export class Judgements {
  readonly #components: DialComponents
  readonly #peerId?: PeerId
  readonly #reasons = new Map<Candidate, { reason?: string }>()
  /** By the text of the address: each source that names it makes another candidate of it */
  readonly #answers = new Map<string, Answer>()

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

      if (typeof denied !== 'object') {
        const isAllowed = this.#note(candidate, denied)

        return () => isAllowed
      }

      const later = denied.then(answer => {
        const isAllowed = this.#note(candidate, answer)
        this.#answers.set(address, () => isAllowed)

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

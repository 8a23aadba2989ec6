import { DialDeniedError, NoValidAddressesError } from '../../pipeline/errors.ts'
import { isThenable, settledOrAborted } from '../../pipeline/foreign-promises.ts'
import { Judgements } from '../../pipeline/judgements.ts'
import { banErrorOf } from '../attempts/banned.ts'
import type { Part } from '../../pipeline/runtime/part.ts'
import type { Candidate, DialComponents } from '../../pipeline/types.ts'
import type { PeerId } from '@libp2p/interface'

export interface DialFloorInit {
  readonly peerId?: PeerId
  /** The dial connects to a relay for another dial */
  readonly isOfRelay: boolean
  /** Returns the peer in words: others may join the dial of a relay, to be named with it */
  readonly describe: () => string
}

/**
 * The checks of each dial, whatever its pipeline is: what a transport can dial and the gater, which are asked once for each address, and
 * the bans, which are read at each attempt
 */
export class DialFloor {
  readonly #components: DialComponents
  readonly #init: DialFloorInit
  readonly #judgements: Judgements

  constructor (components: DialComponents, init: DialFloorInit) {
    this.#components = components
    this.#init = init
    this.#judgements = new Judgements(components, init.peerId)
  }

  /** The identities of those that the connection gater has denied */
  get denied (): ReadonlySet<string> {
    return this.#judgements.denied
  }

  whyNotDialable (candidate: Candidate): string | undefined {
    // the circuit relay v2 servers of js-libp2p and go-libp2p refuse to relay for a peer that is connected over a relay
    if (this.#init.isOfRelay && candidate.facts.isRelayed) {
      return 'a relay is not reached through another relay'
    }

    return this.#judgements.whyNotDialable(candidate)
  }

  gate (candidate: Candidate): boolean | Promise<boolean> {
    return this.#judgements.gate(candidate)
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

  /** @throws DialDeniedError where the peer must not be dialled; what the gater throws; the reason for which the part has ended */
  checkPeer (part: Part): void | Promise<void> {
    const { peerId, isOfRelay, describe } = this.#init
    const { bans, connectionGater } = this.#components
    const banned = peerId == null ? undefined : bans?.reasonFor(peerId)
    // libp2p's words do not say whom they refuse
    const whom = (): string => isOfRelay ? ` for peer: ${describe()}` : ''

    if (banned != null) {
      throw new DialDeniedError(`The dial request is denied${whom()}: ${banned}`)
    }

    const denied: unknown = peerId == null ? undefined : connectionGater.denyDialPeer?.(peerId)

    if (isThenable(denied)) {
      return settledOrAborted(denied, part.signal).then(answer => { checkDenied(answer, whom) })
    }

    checkDenied(denied, whom)
  }
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

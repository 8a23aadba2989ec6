import { LiveTarget } from '../../pipeline/live-target.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** A live target that tells when it was raised */
export class TrialTarget extends LiveTarget {
  readonly #onRaise: () => void

  constructor (peerId: PeerId, multiaddrs: readonly Multiaddr[], onRaise: () => void) {
    super(peerId, multiaddrs)
    this.#onRaise = onRaise
  }

  override raise (): void {
    super.raise()
    this.#onRaise()
  }
}

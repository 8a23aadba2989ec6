import { LiveTarget } from '../../pipeline/runtime/live-target.ts'
import type { Target } from '../../pipeline/types.ts'

/** A target that notes whether a stage reads its addresses */
export class WatchedTarget extends LiveTarget {
  areAddressesRead = false

  override get current (): Target {
    const { peerId, multiaddrs } = super.current
    const note = (): void => { this.areAddressesRead = true }

    return Object.freeze({
      peerId,
      get multiaddrs () {
        note()

        return multiaddrs
      }
    })
  }
}

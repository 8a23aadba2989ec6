import { addressText } from './address-text.ts'
import type { PeerEntry } from './entry.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The peers that were forgotten before the stored entries were read: their stored reports are dropped */
export class ForgottenPeers {
  readonly #max: number
  /** For each peer, the texts of the addresses that keep their reports */
  readonly #kept = new Map<string, ReadonlySet<string | undefined>>()

  /** @param max the maximum number of peers */
  constructor (max: number) {
    this.#max = max
  }

  /** @param except the addresses that keep their reports, unless an earlier call has dropped them */
  add (peer: PeerId, except: readonly Multiaddr[]): void {
    const id = peer.toString()
    const known = this.#kept.get(id)

    if (known != null || this.#kept.size < this.#max) {
      this.#kept.set(id, new Set(except.map(multiaddr => addressText(multiaddr, peer)).filter(text => known?.has(text) !== false)))
    }
  }

  /** Drops the reports of an entry that was read. Returns whether there were any */
  dropFrom (entry: PeerEntry): boolean {
    const kept = this.#kept.get(entry.id)

    return kept != null && entry.removeReports((_report, { text }) => !kept.has(text)) > 0
  }
}

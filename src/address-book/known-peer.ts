import type { PeerEntry } from './entry.ts'
import type { Floor } from './floors.ts'

/** A peer as it is written to the datastore */
export interface KnownPeer {
  readonly entry?: PeerEntry
  /** The addresses of its open connections; undefined: it was not connected */
  readonly used?: readonly string[]
  readonly floor?: Floor
}

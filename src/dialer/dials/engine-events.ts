import type { Dialing } from './dialing.ts'
import type { Connection, PeerId } from '@libp2p/interface'

/** What the engine tells whoever listens */
export interface EngineEvents {
  /** A dial has yielded a connection; `place` is how many it had yielded before */
  onConnected: (dial: Dialing, connection: Connection, place: number) => void
  /** The connection to a peer that new streams take; undefined: any */
  preferred?: (peerId: PeerId) => Connection | undefined
  onEnded: (dial: Dialing) => void
  /** The node starts; may be called again */
  onStart?: () => void
  /** The node stops; may be called again */
  onStop?: () => void
}

/** What becomes of a dial that callers wait for */
export interface DialWatcher {
  added (): void
  active (): void
  /** It is not pending any more */
  settled (dial: Dialing, outcome: DialOutcome): void
}

export type DialOutcome = { readonly connection: Connection } | { readonly error: unknown }

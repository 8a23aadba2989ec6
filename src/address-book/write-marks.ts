import type { AbortOptions } from '@libp2p/interface'

// in the options of a write to the peer store, which it passes on: for every copy of this package that has wrapped it

const OWN_WRITE = Symbol.for('libp2p-dial-pipeline.own-write')
const IN_TURN = Symbol.for('libp2p-dial-pipeline.in-turn')

/** Options of a write */
export interface Marked extends AbortOptions {
  [OWN_WRITE]?: boolean
  [IN_TURN]?: boolean
}

/** Marks the write of an address book: it passes on what the book knows, which is no news. The book has the turn of the peer */
export function asOwnWrite (options: AbortOptions): Marked {
  return { ...options, [OWN_WRITE]: true, [IN_TURN]: true }
}

export function isOwnWrite (options: Marked | undefined): boolean {
  return options?.[OWN_WRITE] === true
}

/** Marks a write as one that has the turn of the peer: whoever else has wrapped the peer store does not wait for it */
export function asInTurn (options: AbortOptions | undefined): Marked {
  return { ...options, [IN_TURN]: true }
}

export function isInTurn (options: Marked | undefined): boolean {
  return options?.[IN_TURN] === true
}

import type { AbortOptions } from '@libp2p/interface'

/** In the options of a write to the peer store: an address book passes on what it knows, which is no news, and has the turn of the peer */
const OWN_WRITE = Symbol.for('libp2p-dial-pipeline.own-write')

interface Marked extends AbortOptions {
  [OWN_WRITE]?: boolean
}

export function asOwnWrite (options: AbortOptions): Marked {
  return { ...options, [OWN_WRITE]: true }
}

export function isOwnWrite (options: Marked | undefined): boolean {
  return options?.[OWN_WRITE] === true
}

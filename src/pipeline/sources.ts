/** The known sources of addresses. Any other name is a source too, defined by the application */
export const SOURCE = {
  /** The user passed it */
  user: 'user',
  /** A record that the peer signed */
  certified: 'certified',
  /** The peer reported it over a connection, unsigned */
  identify: 'identify',
  dht: 'dht',
  /** A peer router or content router */
  routing: 'routing',
  /** The node's configuration */
  bootstrap: 'bootstrap',
  mdns: 'mdns',
  /** A peer exchange */
  pubsub: 'pubsub',
  /** The node itself has connected to the peer at the address */
  dialled: 'dialled',
  /** The peer connected from the address */
  observed: 'observed',
  /** Derived from another address, as the relay of a circuit address */
  derived: 'derived',
  /** A DNS answer for the name in another address */
  dns: 'dns',
  /** A remote peer asked for the dial with DCUtR */
  dcutr: 'dcutr',
  /** A remote peer asked for the dial with AutoNAT */
  autonat: 'autonat',
  /** The peer store has the address, and its source is unknown */
  peerStore: 'peer-store',
  /** The source is unknown */
  unknown: 'unknown'
} as const

export type KnownSource = typeof SOURCE[keyof typeof SOURCE]

/** The name of a source. Editors complete the known ones */
export type Source = KnownSource | (string & {})

/** An array of sources. Without the other array methods, of which TypeScript would take `{ includes: […] }` for one */
export interface SourceList {
  readonly length: number
  readonly [index: number]: Source
  readonly forEach: ReadonlyArray<Source>['forEach']
}

/** A value for each of some sources */
export type BySource<T> = { readonly [K in KnownSource]?: T } & { readonly [source: string]: T }

export const KNOWN_SOURCES: readonly KnownSource[] = Object.values(SOURCE)

/** The sources that need proof: a verified record, or a connection. Applications cannot claim them */
export const PROVEN: readonly string[] = ['certified', 'dialled'] satisfies KnownSource[]

/** Returns whether the peer itself is the source. Such a report lasts until the peer removes the address, or was away for long */
export function isSelfReported (source: string): boolean {
  return source === SOURCE.identify || source === SOURCE.certified
}

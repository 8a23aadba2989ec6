/** Who can stand for an address. Any other name is a source as well: one of the application's own */
export const SOURCE = {
  /** The user gave it */
  user: 'user',
  /** In a record that the peer signed */
  certified: 'certified',
  /** The peer said it over a connection, unsigned */
  identify: 'identify',
  dht: 'dht',
  /** A peer router or content router */
  routing: 'routing',
  /** In the node's configuration */
  bootstrap: 'bootstrap',
  mdns: 'mdns',
  /** A peer exchange */
  pubsub: 'pubsub',
  /** This node connected to the peer there */
  dialled: 'dialled',
  /** The peer connected from there */
  observed: 'observed',
  /** Made of another address: the relay of a circuit */
  derived: 'derived',
  /** An answer for the name in another address */
  dns: 'dns',
  /** A remote peer has DCUtR dial it */
  dcutr: 'dcutr',
  /** A remote peer has AutoNAT dial it */
  autonat: 'autonat',
  /** It lies in the peer store, and nobody knows who named it */
  peerStore: 'peer-store',
  /** Nobody knows who wrote it */
  unknown: 'unknown'
} as const

export type KnownSource = typeof SOURCE[keyof typeof SOURCE]

/** Editors complete the known ones */
export type Source = KnownSource | (string & {})

/** An array of sources. An array's other methods are left out, or the compiler takes `{ includes: […] }` for one of them */
export interface SourceList {
  readonly length: number
  readonly [index: number]: Source
  readonly forEach: ReadonlyArray<Source>['forEach']
}

/** A value for each of some sources */
export type BySource<T> = { readonly [K in KnownSource]?: T } & { readonly [source: string]: T }

export const KNOWN_SOURCES: readonly KnownSource[] = Object.values(SOURCE)

/** What a verified record and a connection make. Nobody can claim them */
export const PROVEN: readonly string[] = ['certified', 'dialled'] satisfies KnownSource[]

/** Returns whether a source is the peer's own word: it stands until the peer takes it back, or has been away for long */
export function isSelfReported (source: string): boolean {
  return source === SOURCE.identify || source === SOURCE.certified
}

import type { Source } from '../../pipeline/sources.ts'
import type { PlacedSources } from '../../pipeline/trust.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Who said an address */
export interface Testimony {
  readonly source: Source
  readonly reporter?: PeerId
  /** Where the source is not known: the module that wrote or found the address */
  readonly by?: string
}

/** The part of an address book that attribution tells what it finds out */
export interface Observer {
  /** The sources that it trusts more or less than usual */
  readonly trust?: PlacedSources
  observe: (peer: PeerId, multiaddrs: readonly Multiaddr[], observation: Omit<Testimony, 'by'> & { replaces?: boolean, ttl?: number }) => unknown
  /** Where the node was connected. Default: `observe` with the source `dialled` */
  recordDialled?: (peer: PeerId, multiaddrs: readonly Multiaddr[]) => unknown
  consumeRecord: (envelope: Uint8Array, options: { expectedPeer?: PeerId }) => unknown
  /** A signed record that is written to the peer store. Default: `consumeRecord` */
  recordWritten?: (envelope: Uint8Array, options: { expectedPeer: PeerId }) => unknown
  /** Takes back what is said of a peer, but for some of its addresses */
  forget: (peer: PeerId, options: { except: readonly Multiaddr[] }) => unknown
  query: (peer: PeerId) => Known | Promise<Known>
}

export type Known = Iterable<{ readonly multiaddr: Multiaddr, readonly provenance: ReadonlyArray<{ readonly source: Source }> }>

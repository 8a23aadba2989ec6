import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromMultihash, peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { TypedEventEmitter } from 'main-event'
import { create } from 'multiformats/hashes/digest'
import { addressBook } from '../../src/address-book/index.ts'
import { candidate } from '../../src/pipeline/candidate.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import type { AddressBook } from '../../src/address-book/address-book.ts'
import type { AddressBookInit } from '../../src/address-book/types.ts'
import type { Candidate } from '../../src/pipeline/types.ts'
import type { ComponentLogger, Connection, Libp2pEvents, PeerId, PeerStore, PrivateKey } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Datastore } from 'interface-datastore'

export const SECOND = 1_000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE

export interface Key {
  key: PrivateKey
  peer: PeerId
}

export async function newKey (): Promise<Key> {
  const key = await generateKeyPair('Ed25519')

  return { key, peer: peerIdFromPrivateKey(key) }
}

export async function newPeers (count: number): Promise<PeerId[]> {
  return Promise.all(Array.from({ length: count }, async () => (await newKey()).peer))
}

/** Returns peer ids without keys, because making keys takes long */
export function fakePeers (count: number): PeerId[] {
  return Array.from({ length: count }, (_, n) => {
    const bytes = Uint8Array.from([0x08, 0x01, 0x12, 0x20, ...new Uint8Array(32)])
    new DataView(bytes.buffer).setUint32(4, n)

    return peerIdFromMultihash(create(0, bytes))
  })
}

const self = await newKey()

export interface Node {
  book: AddressBook
  clock: VirtualClock
  self: PeerId
  events: TypedEventEmitter<Libp2pEvents>
  log: string[]
  /** Sets the addresses at which the node listens. Default: none */
  listen (addresses: readonly Multiaddr[]): void
  connect (peer: PeerId, address: Multiaddr, direction?: 'inbound' | 'outbound'): Connection
  disconnect (connection: Connection): void
}

export interface NodeInit extends AddressBookInit {
  clock?: VirtualClock
  datastore?: Datastore
  /** Creates the peer store. Default: the node has none */
  peerStore?: (self: PeerId, events: TypedEventEmitter<Libp2pEvents>) => PeerStore
}

/** Creates a node that has nothing but an address book */
export function node ({ datastore, peerStore, clock = new VirtualClock(1_000_000_000_000), ...init }: NodeInit = {}): Node {
  const events = new TypedEventEmitter<Libp2pEvents>()
  const open = new Set<Connection>()
  const log: string[] = []
  let listening: readonly Multiaddr[] = []
  const write = (...parts: unknown[]): void => { log.push(parts.map(part => part instanceof Error ? part.stack : String(part)).join(' ')) }
  const logger = { forComponent: () => Object.assign(write, { error: write }) } as unknown as ComponentLogger

  return {
    book: addressBook({ clock, ...init })({ peerId: self.peer, privateKey: self.key, events, logger, datastore, peerStore: peerStore?.(self.peer, events), connectionManager: { getConnections: () => [...open] }, addressManager: { getAddresses: () => [...listening] } }),
    clock,
    self: self.peer,
    events,
    log,
    listen: addresses => {
      listening = addresses
      events.safeDispatchEvent('self:peer:update', { detail: { peer: { id: self.peer } } as any })
    },
    connect: (remotePeer, remoteAddr, direction = 'outbound') => {
      const connection = { remotePeer, remoteAddr, direction } as unknown as Connection
      open.add(connection)
      events.safeDispatchEvent('connection:open', { detail: connection })

      return connection
    },
    disconnect: connection => {
      open.delete(connection)
      events.safeDispatchEvent('connection:close', { detail: connection })
    }
  }
}

export function addr (n: number): Multiaddr {
  return multiaddr(`/ip4/45.0.${n >> 8}.${n & 255}/tcp/4001`)
}

export function addrs (from: number, to: number): Multiaddr[] {
  return Array.from({ length: to - from }, (_, i) => addr(from + i))
}

/** Returns the reported addresses of a peer, each with its sources */
export function known (book: AddressBook, peer: PeerId): Record<string, string[]> {
  return Object.fromEntries(book.query(peer).map(({ multiaddr, provenance }) => [multiaddr.toString(), provenance.map(({ source }) => source)]))
}

export function texts (book: AddressBook, peer: PeerId): string[] {
  return book.query(peer).map(({ multiaddr }) => multiaddr.toString())
}

/** Returns the peers of which the book knows an address */
export function knownOf (book: AddressBook, peers: readonly PeerId[]): PeerId[] {
  return peers.filter(peer => book.query(peer).length > 0)
}

export function candidateOf (peer: PeerId, address: Multiaddr): Candidate {
  return candidate(address, peer)
}

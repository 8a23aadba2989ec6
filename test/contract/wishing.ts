import { generateKeyPair, publicKeyFromRaw } from '@libp2p/crypto/keys'
import { peerIdFromPublicKey } from '@libp2p/peer-id'
import { adaptive } from '../../presets/index.ts'
import { addressBook, sealRecord, withProvenance } from '../../src/address-book/index.ts'
import { dialer } from '../../src/index.ts'
import { refused } from '../helpers/refused.ts'
import { listening } from '../libp2p/kit.ts'
import { tap } from './tap.ts'
import type { AddressBookInit } from '../../src/address-book/types.ts'
import type { AddressBook } from '../../src/address-book/index.ts'
import type { Dialer, DialPipeline } from '../../src/index.ts'
import type { NodeOptions } from '../helpers/node.ts'
import type { DialOptions, Libp2p, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { ExecutionContext } from 'ava'

export interface WishInit {
  /** @default adaptive() */
  readonly pipeline?: DialPipeline
  readonly book?: AddressBookInit
  /** Whether the node is made with `withProvenance()` */
  readonly isAttributed?: boolean
  /** Further services of both nodes */
  readonly services?: Record<string, (components: any) => unknown>
  /** The addresses that the remote announces. Default: those at which it listens */
  readonly announce?: readonly Multiaddr[]
}

/** A node with an address book, and a remote that it can reach */
export interface Wish {
  readonly node: Libp2p<{ addressBook: AddressBook, dialer: Dialer }>
  readonly book: AddressBook
  readonly remote: Libp2p
  readonly peer: PeerId
  /** The address at which the remote answers, with its peer id */
  readonly live: Multiaddr
  /** The dialled addresses, in order */
  readonly dialled: string[]
  /** Seals a signed record of the remote */
  seal (seq: number, ...multiaddrs: Multiaddr[]): Promise<Uint8Array>
  /** Returns an address of the remote that refuses, with its peer id. Each call returns another address */
  dead (): Promise<Multiaddr>
  /** The addresses of the remote in the book, each with its sources */
  booked (): Record<string, string[]>
  /** The addresses of the remote in the peer store, and whether each is certified */
  stored (): Promise<Record<string, boolean>>
}

export async function wish (t: ExecutionContext, { pipeline = adaptive(), book: init, isAttributed = false, services, announce }: WishInit = {}): Promise<Wish> {
  const privateKey = await generateKeyPair('Ed25519')
  const remote = await listening(t, { privateKey, services: services as any, addresses: { announce: announce?.map(String) } })
  const dialled: string[] = []
  const { transport } = tap(async dial => {
    dialled.push(dial.multiaddr.toString())

    return dial.connect()
  })
  const options: NodeOptions<any> = { listen: [], transports: [transport], services: { addressBook: addressBook(init), dialer: dialer(pipeline), ...services } }
  const node: Wish['node'] = await listening<any>(t, isAttributed ? withProvenance(options) : options)
  const { addressBook: book } = node.services
  const peer = remote.peerId
  const withPeer = (address: Multiaddr): Multiaddr => address.encapsulate(`/p2p/${peer.toString()}`)
  const [listens] = (remote as any).components.transportManager.getAddrs() as [Multiaddr]

  return {
    node,
    book,
    remote,
    peer,
    live: withPeer(listens),
    dialled,
    seal: async (seq, ...multiaddrs) => sealRecord(privateKey, { seq: BigInt(seq), multiaddrs }),
    dead: async () => withPeer((await refused()).multiaddr),
    booked: () => Object.fromEntries(book.query(peer).map(({ multiaddr, provenance }) => [withPeer(multiaddr).toString(), provenance.map(({ source }) => source)])),
    stored: async () => Object.fromEntries((await node.peerStore.get(peer)).addresses.map(({ multiaddr, isCertified }) => [withPeer(multiaddr).toString(), isCertified]))
  }
}

/** Returns peer ids whose private keys nobody has */
export function strangers (count: number): PeerId[] {
  return Array.from({ length: count }, () => peerIdFromPublicKey(publicKeyFromRaw(crypto.getRandomValues(new Uint8Array(32)))))
}

/** The error of a dial that accepts no known address */
export const NOTHING = { name: 'NoValidAddressesError' }

/** Dials without returning the connection, which would fill pages when a test fails */
export async function dials (node: Libp2p, peer: PeerId, options?: DialOptions): Promise<void> {
  await node.dial(peer, options)
}

import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record'
import { persistentPeerStore } from '@libp2p/peer-store'
import { multiaddr } from '@multiformats/multiaddr'
import { MemoryDatastore } from 'datastore-core/memory'
import { TypedEventEmitter } from 'main-event'
import { Attribution } from '../../../src/address-book/attribution/attribution.ts'
import { silentLogger } from '../../../src/testing/silent-logger.ts'
import { Recording } from './recording.ts'
import type { ComponentLogger, ConnectionGater, Libp2pEvents, PeerId, PeerStore, PrivateKey } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { TypedEventTarget } from 'main-event'

/** Addresses that the tests write */
export const [a, b, c, d] = [1, 2, 3, 4].map(n => multiaddr(`/ip4/203.0.113.${n}/tcp/${n}`)) as [Multiaddr, Multiaddr, Multiaddr, Multiaddr]

export interface Scene {
  components: { peerId: PeerId, logger: ComponentLogger, connectionGater: ConnectionGater, peerStore: PeerStore, [name: string]: any }
  attribution: Attribution
  /** The peer store as identify sees it */
  identify: PeerStore
  book: Recording
  /** The peer store of the application: `node.peerStore` */
  user: PeerStore
  self: PeerId
  peer: PeerId
  key: PrivateKey
  other: PeerId
  errors: string[]
  events: TypedEventTarget<Libp2pEvents>
}

/** Creates the parts that a libp2p node has before its first module, with libp2p's own peer store */
export async function scene (): Promise<Scene> {
  const [ownKey, key, otherKey] = await Promise.all([1, 2, 3].map(async () => generateKeyPair('Ed25519')))
  const [self, peer, other] = [ownKey, key, otherKey].map(key => peerIdFromPrivateKey(key as PrivateKey)) as [PeerId, PeerId, PeerId]
  const errors: string[] = []
  const logger = telling(errors)
  const events = new TypedEventEmitter<Libp2pEvents>()
  const user = persistentPeerStore({ peerId: self, events, datastore: new MemoryDatastore(), logger: silentLogger })
  const components = { peerId: self, logger, connectionGater: {}, events, peerStore: user }
  const attribution = Attribution.of(components)
  const book = new Recording({ self, peer, other })
  attribution.attributionLog.observer = book
  const identify = attribution.view({ name: 'identify', source: 'identify', isReportedByPeer: true })

  return { components, attribution, identify, book, user, self, peer, key: key as PrivateKey, other, errors, events }
}

export async function sealed (key: PrivateKey, multiaddrs: Multiaddr[], seqNumber = 1n): Promise<Uint8Array> {
  const envelope = await RecordEnvelope.seal(new PeerRecord({ peerId: peerIdFromPrivateKey(key), multiaddrs, seqNumber }), key)

  return envelope.marshal()
}

export async function stored (store: PeerStore, peer: PeerId): Promise<string[]> {
  return (await store.get(peer)).addresses.map(({ multiaddr }) => multiaddr.toString()).toSorted((a, b) => a.localeCompare(b))
}

function telling (errors: string[]): ComponentLogger {
  return {
    forComponent: name => {
      const log = silentLogger.forComponent(name)

      return Object.assign(() => {}, log, { error: (format: string, ...args: unknown[]) => { errors.push([format, ...args].map(String).join(' | ')) } })
    }
  }
}

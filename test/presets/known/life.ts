import { setTimeout as sleep } from 'node:timers/promises'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { NotFoundError } from '@libp2p/interface'
import { MemoryDatastore } from 'datastore-core'
import { stock } from '../../../presets/index.ts'
import { addressBook, sealRecord, withProvenance } from '../../../src/address-book/index.ts'
import { dialer } from '../../../src/index.ts'
import { createNode } from '../../helpers/node.ts'
import { publicAddress, publicTcp } from '../../helpers/public-tcp.ts'
import { PRESETS } from './combinations.ts'
import type { Combination } from './combinations.ts'
import type { AddressBook } from '../../../src/address-book/index.ts'
import type { NodeOptions } from '../../helpers/node.ts'
import type { Connection, Libp2p, PeerId, PeerRouting } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Datastore } from 'interface-datastore'

/** A peer with its only address, and a record in which it signs the address */
export interface Remote {
  readonly peer: PeerId
  /** The address, with the peer id at its end */
  readonly address: Multiaddr
  readonly record: Uint8Array
  stop (): Promise<void>
}

/** The result of the last dial */
export interface Outcome {
  /** `open connection`, `new connection`, or the name of the error */
  readonly result: string
  /** The addresses that reached the transport */
  readonly dialled: string[]
  /** The number of queries of the router */
  readonly asked: number
}

/** Milliseconds until a change is written to the datastore */
const WRITING = 1_100
const WRITTEN = 100

/** libp2p's own dialer, or the dialer of this package */
type Dialler = 'libp2p' | 'ours'

export async function createRemote (isPublic: boolean): Promise<Remote> {
  const privateKey = await generateKeyPair('Ed25519')
  const node = await createNode({ privateKey, listen: ['/ip4/127.0.0.1/tcp/0'] })
  const [listening] = node.getMultiaddrs() as [Multiaddr]
  const port = Number(listening.getComponents().find(({ name }) => name === 'tcp')?.value)
  const address = isPublic ? publicAddress(port).encapsulate(`/p2p/${node.peerId.toString()}`) : listening

  return {
    peer: node.peerId,
    address,
    record: await sealRecord(privateKey, { multiaddrs: [address] }),
    stop: async () => { await node.stop() }
  }
}

/** Runs the life of a node up to its last dial */
export async function live (combination: Combination, remote: Remote, dialler: Dialler): Promise<Outcome> {
  const { place, state, hasMet } = combination
  const { peer, address } = remote
  const privateKey = await generateKeyPair('Ed25519')
  const dialled: string[] = []
  let asked = 0

  const router: Pick<PeerRouting, 'findPeer'> = {
    findPeer: async id => {
      asked++

      if (place !== 'router' || !id.equals(peer)) {
        throw new NotFoundError()
      }

      return { id, multiaddrs: [address] }
    }
  }
  const create = async (datastore: Datastore): Promise<Libp2p<any>> => {
    const init: NodeOptions<any> = {
      privateKey,
      datastore,
      listen: [],
      transports: [publicTcp(one => { dialled.push(one.toString()) })],
      peerRouters: [() => router as PeerRouting],
      services: dialler === 'ours' ? { addressBook: addressBook(), dialer: dialer(PRESETS[combination.preset]()) } : {}
    }

    return createNode<any>(dialler === 'ours' && combination.isAttributed ? withProvenance(init) : init)
  }

  const datastore = new MemoryDatastore()
  let node = await create(datastore)

  try {
    await learn(node, combination, remote, dialler)

    let open: Connection | undefined

    if (hasMet) {
      // with stock(), because the tested preset may reject the address
      open = await node.dial(place === 'caller' ? address : peer, dialler === 'ours' ? { pipeline: stock() } : {})
    }

    if (state === 'after a disconnect') {
      await node.hangUp(peer)
    } else if (state === 'after a restart') {
      await node.stop()
      node = await create(datastore)
    } else if (state === 'after a crash') {
      await sleep(WRITING)
      await sleep(WRITTEN)
      const left = await copyOf(datastore)
      // later writes are lost
      await node.stop()
      node = await create(left)
    }

    dialled.length = 0
    asked = 0

    // a caller that passed the address once expects the node to know it later
    const isPassed = place === 'caller' && (!hasMet || state === 'connected')
    const result = await node.dial(isPassed ? address : peer).then(connection => resultOf(connection, remote, open), (err: Error) => err.name)

    return { result, dialled, asked }
  } finally {
    await node.stop()
  }
}

function resultOf (connection: Connection, { peer, address }: Remote, open?: Connection): Outcome['result'] {
  if (!connection.remotePeer.equals(peer) || connection.status !== 'open' || !connection.remoteAddr.equals(address)) {
    throw new Error(`The dial returned a connection that is ${connection.status}, to ${connection.remotePeer.toString()} at ${connection.remoteAddr.toString()}`)
  }

  return connection === open ? 'open connection' : 'new connection'
}

/** Gives the node the peer's address, unless the caller or the router provides it later */
async function learn (node: Libp2p<{ addressBook: AddressBook }>, { place, isSigned }: Combination, { peer, address, record }: Remote, dialler: Dialler): Promise<void> {
  if (isSigned && (place === 'peer store' || dialler === 'libp2p')) {
    await node.peerStore.consumePeerRecord(record)
  } else if (isSigned) {
    await node.services.addressBook.consumeRecord(record)
  } else if (place === 'peer store') {
    await node.peerStore.merge(peer, { multiaddrs: [address] })
  } else if (place === 'book') {
    node.services.addressBook.observe(peer, address, { source: 'tracker' })
  }
}

async function copyOf (datastore: Datastore): Promise<Datastore> {
  const copy = new MemoryDatastore()

  for await (const { key, value } of datastore.query({})) {
    await copy.put(key, value)
  }

  return copy
}

import { createServer } from 'node:net'
import { memory } from '@libp2p/memory'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { createNode } from '../../helpers/node.ts'
import { relayed } from '../../helpers/relay.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import type { Libp2p, PeerId } from '@libp2p/interface'
import type { AddressInfo, Socket } from 'node:net'

/** A peer that the random applications dial */
export interface TestPeer {
  readonly name: string
  readonly id: PeerId
  /** Undefined: nobody has the id */
  readonly node?: Libp2p
  readonly good: readonly string[]
  /** Addresses that are refused, silent, of another peer, of an unknown transport or name, or behind a relay without the peer */
  readonly bad: readonly string[]
}

export interface TestPeers {
  readonly all: readonly TestPeer[]
  /** Returns the name of a peer */
  nameOf (id: PeerId): string
  stop (): Promise<void>
}

/** Starts the peers: one with TCP and WebSockets, one with TCP and memory, a relay, one behind it. A fifth id is of nobody */
export async function startPeers (): Promise<TestPeers> {
  const [web, local, { relay, listener, stop }, ghost, silent] = await Promise.all([
    createNode(),
    createNode({ listen: ['/ip4/127.0.0.1/tcp/0', '/memory/applications'], transports: [tcp(), webSockets(), memory()] }),
    relayed(),
    newPeer(),
    silentServer()
  ])
  const [ofWeb = ''] = addressesOf(web)
  const [ofRelay = ''] = addressesOf(relay)

  function peer (name: string, id: PeerId, node?: Libp2p): TestPeer {
    const bad = ['/ip4/127.0.0.1/tcp/1', `/ip4/127.0.0.1/tcp/${silent.port}`, '/ip4/127.0.0.1/tcp/2/ws', '/ip4/127.0.0.1/udp/4001/quic-v1', '/memory/nobody', '/dns4/nowhere.invalid/tcp/4001', `${ofRelay}/p2p-circuit`, withoutPeer(ofWeb)]

    return { name, id, node, good: node == null ? [] : addressesOf(node), bad: bad.map(one => `${one}/p2p/${id}`).filter(one => node == null || !addressesOf(node).includes(one)) }
  }

  const all = [peer('web', web.peerId, web), peer('local', local.peerId, local), peer('relay', relay.peerId, relay), peer('relayed', listener.peerId, listener), peer('ghost', ghost)]

  return {
    all,
    nameOf: id => all.find(one => one.id.equals(id))?.name ?? 'unknown',
    stop: async () => {
      silent.close()
      await Promise.all([web.stop(), local.stop(), stop()])
    }
  }
}

export function withoutPeer (address: string): string {
  return address.replace(/\/p2p\/[^/]+$/, '')
}

function addressesOf (node: Libp2p): string[] {
  return node.getMultiaddrs().map(String)
}

/** Starts a server that accepts connections and never writes */
async function silentServer (): Promise<{ readonly port: number, close (): void }> {
  const sockets = new Set<Socket>()
  const server = createServer(socket => { sockets.add(socket.on('error', () => {})) })
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })

  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close()
      sockets.forEach(socket => socket.destroy())
    }
  }
}

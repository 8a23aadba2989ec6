// Moves new streams to a better connection, and closes the other one when it is idle. Guide: docs/guides/several-connections.md
import { once } from 'node:events'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { createLibp2p } from 'libp2p'
import { dialer } from 'libp2p-dial-pipeline'
import { adaptive } from 'libp2p-dial-pipeline/presets'
import type { Connection } from '@libp2p/interface'

const transportOf = ({ remoteAddr }: Pick<Connection, 'remoteAddr'>): string => remoteAddr.toString().includes('/ws') ? 'ws' : 'tcp'

const options = {
  addresses: { listen: ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws'] },
  transports: [tcp(), webSockets()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()]
}
const node = await createLibp2p({
  ...options,
  services: {
    ping: ping(),
    dialer: dialer(adaptive(), {
      convergence: {
        // without an order, only limits and relays make a connection better
        order: ['tcp', 'ws'],
        idle: 100,
        onPreferredChange: ({ previous, connection }) => { console.log(`${transportOf(previous)} -> ${transportOf(connection)}`) }
      }
    })
  }
})
const remote = await createLibp2p({ ...options, services: { ping: ping() } })
const addresses = remote.getMultiaddrs()
const over = (transport: string) => addresses.filter(remoteAddr => transportOf({ remoteAddr }) === transport)

await node.dial(over('ws'))
// a second connection, as two peers get when they dial each other at once
await node.dial(over('tcp'), { force: true })

await once(node, 'connection:close')
console.log(node.getConnections(remote.peerId).map(transportOf).join())
console.log(node.services.dialer.preferred(remote.peerId)?.status)

await Promise.all([node.stop(), remote.stop()])

// Runs the listening nodes of listeners.ts: `node listener-process.ts COUNT SOCKET...`
import { createNode } from '../../test/helpers/node.ts'
import { transports } from './transports.ts'
import type { ListeningPeer, Socket } from './listeners.ts'

const [count, ...sockets] = process.argv.slice(2)
const listen = (sockets as Socket[]).map(socket => {
  const host = socket.endsWith('4') ? '/ip4/0.0.0.0' : '/ip6/::'

  return `${host}${{ tcp: '/tcp/0', ws: '/tcp/0/ws', quic: '/udp/0/quic-v1' }[socket.slice(0, -1)]}`
})

const peers = await Promise.all(Array.from({ length: Number(count) }, async (): Promise<ListeningPeer> => {
  const node = await createNode({ listen, transports: await transports(), connectionManager: { maxConnections: 100_000 } })
  const ports: Partial<Record<Socket, number>> = {}

  for (const multiaddr of node.getMultiaddrs()) {
    const names = new Set(multiaddr.getComponents().map(({ name }) => name))
    const port = multiaddr.getComponents().find(({ name }) => name === 'tcp' || name === 'udp')?.value
    const transport = names.has('quic-v1') ? 'quic' : names.has('ws') ? 'ws' : 'tcp'

    ports[`${transport}${names.has('ip4') ? 4 : 6}`] = Number(port)
  }

  return { id: node.peerId.toString(), ports }
}))

process.stdout.write(`${JSON.stringify(peers)}\n`)
// ends this process when the parent closes the pipe or dies
process.stdin.resume().once('end', () => process.exit())

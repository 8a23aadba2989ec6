// Runs for flood.test.ts in a namespace: a node gets 2,000 addresses of a peer and dials it. Prints the results
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify } from '@libp2p/identify'
import { kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { dns, RecordType } from '@multiformats/dns'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { equals } from 'uint8arrays/equals'
import { adaptive, publicOnly } from '../../presets/index.ts'
import { scopeOf } from '../../src/address/scope.ts'
import { addressBook, withProvenance } from '../../src/address-book/index.ts'
import { dialer } from '../../src/index.ts'
import { virtualHost } from '../helpers/network/address.ts'
import { startMirror } from '../helpers/network/mirror.ts'
import { setUpNetwork } from '../helpers/network/namespace.ts'
import { createNode } from '../helpers/node.ts'
import { until } from '../helpers/until.ts'
import { floodOf, GOOD, PORT } from './flood-answer.ts'
import type { FloodResult, FloodScene } from './flood-scenes.ts'
import type { TtlInit } from '../../src/address-book/ttl.ts'
import type { Libp2p, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const DEVICE = 'tun0'
const PRESETS = { adaptive, publicOnly, unguarded: () => adaptive().without('scope').without('libp2p-order') }

type FloodedNode = Awaited<ReturnType<typeof flooded>>

// the kernel drops signals to the first process of a namespace unless the process has a handler for them
process.on('SIGINT', () => process.exit(130)).on('SIGTERM', () => process.exit(143))
process.stdin.resume().once('end', () => process.exit(130))

const [program = '', scenes = '[]'] = process.argv.slice(2)
const mirror = await startMirror(program, DEVICE)
setUpNetwork(DEVICE)

const wanted = await createNode({ listen: [`/ip4/0.0.0.0/tcp/${PORT}`, `/ip6/::/tcp/${PORT}`] })
const [liar, honest] = await Promise.all([answering(PORT + 1), answering(PORT + 2)])
const results: FloodResult[] = []

for (const scene of JSON.parse(scenes) as FloodScene[]) {
  results.push(await play(scene))
}

await Promise.all([wanted, liar.node, honest.node].map(async node => { await node.stop() }))
await mirror.close()
process.stdout.write(JSON.stringify(results), () => process.exit())

interface Answering {
  readonly node: Libp2p
  readonly multiaddr: Multiaddr
  /** The addresses of the wanted peer in its answers */
  says: readonly string[]
}

/** Starts a server of the DHT that returns scripted addresses of the wanted peer, and nothing about other peers */
async function answering (port: number): Promise<Answering> {
  const address = `${virtualHost(4, port, 'answers', 16)}/tcp/${port}`
  const node = await createNode({
    listen: [`/ip4/0.0.0.0/tcp/${port}`],
    addresses: { announce: [address] },
    services: { identify: identify(), ping: ping(), dht: kadDHT({ clientMode: false, peerInfoMapper: passthroughMapper }) }
  })
  const server: Answering = { node, multiaddr: multiaddr(`${address}/p2p/${node.peerId}`), says: [] }

  ;(node.services.dht as any).peerRouting.getClosestPeersOffline = async (key: Uint8Array) => {
    return equals(key, wanted.peerId.toMultihash().bytes) ? [{ id: wanted.peerId, multiaddrs: server.says.map(address => multiaddr(address)) }] : []
  }

  return server
}

/** Starts the node of the example in docs/reference/provenance.md, in the public DHT with its defaults */
async function flooded (preset: FloodScene['preset'], ttl?: TtlInit) {
  return createLibp2p(withProvenance({
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
    // every name resolves to this machine
    dns: dns({ resolvers: { '.': async name => ({ Question: [], Answer: [{ name, type: RecordType.A, TTL: 60, data: '127.0.0.1' }] }) as any } }),
    services: {
      addressBook: addressBook({ ttl }),
      dialer: dialer(PRESETS[preset]()),
      identify: identify(),
      ping: ping(),
      // the DHT starts no lookup before its first query for itself has ended
      dht: kadDHT({ clientMode: true, initialQuerySelfInterval: 10, querySelfInterval: 600_000 })
    }
  }))
}

async function play ({ preset, says, hasHonest = false, isLater = false }: FloodScene): Promise<FloodResult> {
  liar.says = floodOf(says)
  honest.says = [GOOD]

  const node = await flooded(preset, isLater ? { dht: 1_000, routing: 1_000 } : undefined)
  const dialled = tapTransports(node)
  const before = activeOpens()

  try {
    for (const { node: server, multiaddr } of hasHonest ? [liar, honest] : [liar]) {
      const isKnown = once((node.services.dht as any).routingTable, 'peer:add')
      await node.dial(multiaddr)
      await isKnown

      // a lookup chooses the peers to ask, and ends with the first answer
      if (hasHonest) {
        await findNode(node, server.peerId)
      }
    }

    if (isLater) {
      await node.dial(wanted.peerId).catch(() => {})
      await until(() => node.services.addressBook.query(wanted.peerId).length, count => count === 0)
    }

    // a long timeout: the effect of the caps shows only in a dial that ends by itself, even on a slow machine
    const ended = await node.dial(wanted.peerId, { signal: AbortSignal.timeout(60_000) }).then(({ remoteAddr }) => ({ connectedTo: remoteAddr.toString() }), ({ name, message }: Error) => ({ error: `${name}: ${message}` }))
    // the DHT also dials peers that it has heard of
    await until(() => node.services.dialer.traces(), traces => traces.every(({ endedAt }) => endedAt != null), 30_000)
    const others = dialled.filter(address => !address.endsWith(wanted.peerId.toString()))

    return {
      ...ended,
      peer: wanted.peerId.toString(),
      dialled: dialled.filter(address => !others.includes(address)),
      mostInOneDial: Math.max(0, ...node.services.dialer.traces(wanted.peerId).map(({ candidates }) => candidates.reduce((sum, { attempts }) => sum + attempts.length, 0))),
      opened: activeOpens() - before - others.length,
      ...await lookInto(node)
    }
  } finally {
    await node.stop()
  }
}

/** Queries as the DHT does */
async function findNode (node: Libp2p, server: PeerId): Promise<void> {
  const { network } = (node.services as any).dht

  for await (const event of network.sendRequest(server, { type: 'FIND_NODE', key: wanted.peerId.toMultihash().bytes }, { path: { index: 0 } })) {
    if (event.name === 'QUERY_ERROR') {
      throw event.error
    }
  }
}

async function lookInto ({ peerStore, services }: FloodedNode): Promise<Pick<FloodResult, 'stored' | 'kept' | 'keptPrivate' | 'keptOfReporter' | 'listed'>> {
  const { addresses: stored } = await peerStore.get(wanted.peerId)
  const kept = services.addressBook.query(wanted.peerId).filter(({ provenance }) => provenance.some(({ source }) => source === 'dht'))
  const reporters = [liar, honest].map(({ node }) => node.peerId.toString())

  return {
    stored: stored.length,
    kept: kept.length,
    keptPrivate: kept.filter(({ multiaddr }) => scopeOf(multiaddr) !== 'public').length,
    keptOfReporter: Math.max(...reporters.map(id => kept.filter(({ provenance }) => provenance.some(({ reporter }) => reporter === id)).length)),
    listed: services.dialer.traces(wanted.peerId).at(-1)?.candidates.filter(({ position }) => position != null).length ?? 0
  }
}

/** From now on, records the addresses that the transports of a node dial */
function tapTransports (node: FloodedNode): string[] {
  const { transportManager } = (node as any).components
  const dial = transportManager.dial.bind(transportManager)
  const dialled: string[] = []

  transportManager.dial = async (multiaddr: Multiaddr, options: unknown) => {
    dialled.push(multiaddr.toString())

    return dial(multiaddr, options)
  }

  return dialled
}

/** Returns the number of TCP connections that were opened in this network namespace so far */
function activeOpens (): number {
  const [names = '', values = ''] = readFileSync('/proc/net/snmp', 'utf8').split('\n').filter(line => line.startsWith('Tcp:'))

  return Number(values.split(' ')[names.split(' ').indexOf('ActiveOpens')])
}

// Runs for roaming.test.ts in a namespace: a node loses its network and gets another one. Prints the results of its dials
import { execFileSync } from 'node:child_process'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { ping } from '@libp2p/ping'
import { multiaddr } from '@multiformats/multiaddr'
import { adaptive } from '../../presets/index.ts'
import { dialer } from '../../src/index.ts'
import { candidate, pipeline } from '../../src/pipeline/index.ts'
import { attemptTimeout, fromCaller, race } from '../../src/stages/index.ts'
import { createNode } from '../helpers/node.ts'
import { poll } from '../helpers/until.ts'
import type { Libp2p } from '@libp2p/interface'

export interface RoamingResult {
  /** The failures of a peer in backoff: in the old network, without a network, and in the new network */
  held: Array<number | undefined>
  /** Milliseconds from the new network to the connection of an attempt that was in flight. Undefined: it did not connect */
  inFlight?: number
  /** Whether a socket that was opened at the same time has connected */
  hasSocketConnected: boolean
  /** The number of peers with failures in an outage: at its end, and after data arrived on a connection that stayed open */
  outage: [number, number]
}

// the kernel drops signals to the first process of a namespace unless the process has a handler for them
process.on('SIGINT', () => process.exit(130)).on('SIGTERM', () => process.exit(143))
process.stdin.resume().once('end', () => process.exit(130))

const host = (n: number): string => `45.30.0.${10 + n}`
const ip = (command: string): void => { execFileSync('ip', command.split(' '), { stdio: ['ignore', 'ignore', 'inherit'] }) }
const bringUp = (n: number): void => { ip(`addr add ${host(n)}/32 dev lo`) }
const takeDown = (n: number): void => { ip(`addr del ${host(n)}/32 dev lo`) }

// packets to a missing host go into a device without an answer, as over a lost uplink
ip('link set lo up')
ip('link add void type veth peer name sink address 02:00:00:00:00:01')
ip('link set void up')
ip('link set sink up')
ip('addr add 10.30.0.1/24 dev void')
ip('route add 45.30.0.0/24 dev void')
const remotes: Libp2p[] = []
const impatient = pipeline(fromCaller(), race({ attempt: [attemptTimeout(1_000)] }))

for (let n = 0; n < 6; n++) {
  ip(`neigh add ${host(n)} lladdr 02:00:00:00:00:01 dev void`)
  remotes.push(await createNode({ listen: [`/ip4/0.0.0.0/tcp/${5_000 + n}`], services: { ping: ping() } }))
}

const addresses = remotes.map(({ peerId }, n) => candidate(multiaddr(`/ip4/${host(n)}/tcp/${5_000 + n}`), peerId))
const outage = await playOutage()
process.stdout.write(JSON.stringify({ ...await playRoaming(), outage } satisfies RoamingResult), () => process.exit())

async function localNode (addressDialTimeout: number) {
  const node = await createNode({ listen: ['/ip4/0.0.0.0/tcp/0'], connectionManager: { addressDialTimeout, dialTimeout: 20_000 }, services: { dialer: dialer(adaptive()), ping: ping() } })

  for (const [n, { peerId }] of remotes.entries()) {
    await node.peerStore.merge(peerId, { multiaddrs: [addresses[n]?.multiaddr as any] })
  }

  return node
}

async function playOutage (): Promise<[number, number]> {
  const node = await localNode(1_000)
  const [open, ...others] = remotes as [Libp2p, ...Libp2p[]]
  const known = (): number => addresses.filter(address => node.services.dialer.history.failures(address) != null).length
  remotes.forEach((_, n) => { bringUp(n) })
  await Promise.all(remotes.map(async ({ peerId }) => node.dial(peerId)))
  await Promise.all(others.map(async ({ peerId }) => node.hangUp(peerId)))
  others.forEach((_, n) => { takeDown(n + 1) })
  await sleep(500)

  for (let i = 0; i < 3; i++) {
    await Promise.all(others.map(async ({ peerId }) => node.dial(peerId, { force: true }).catch(() => {})))
    await sleep(500)
  }

  const during = known()
  await (open as Libp2p<{ ping: ReturnType<ReturnType<typeof ping>> }>).services.ping.ping(node.peerId)
  const after = known()
  await node.stop()
  takeDown(0)

  return [during, after]
}

async function playRoaming (): Promise<Omit<RoamingResult, 'outage'>> {
  const node = await localNode(15_000)
  const [held, wanted] = addresses as [typeof addresses[0], typeof addresses[0]]
  const failures = (): number | undefined => node.services.dialer.history.failures(held)?.count
  // the time of the first check of the network
  await sleep(2_500)
  await node.dial(held.multiaddr, { pipeline: impatient }).catch(() => {})
  const before = failures()

  let connectedAt: number | undefined
  node.dial(wanted.multiaddr).then(() => { connectedAt = performance.now() }, () => {})
  const socket = connect({ host: host(1), port: 5_001 })
  let hasSocketConnected = false
  socket.on('connect', () => { hasSocketConnected = true }).on('error', () => {})
  await sleep(500)

  ip('addr del 10.30.0.1/24 dev void')
  await sleep(2_500)
  const without = failures()

  ip('addr add 10.40.0.1/24 dev void')
  bringUp(0)
  bringUp(1)
  const movedAt = performance.now()
  await poll(() => connectedAt, at => at != null, 6_000)
  const after = failures()
  await poll(() => hasSocketConnected, connected => connected, 2_000)

  return { held: [before, without, after], inFlight: connectedAt == null ? undefined : connectedAt - movedAt, hasSocketConnected }
}

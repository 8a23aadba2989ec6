// Runs for dcutr.test.ts in a namespace: nodes with public addresses connect through a relay, and DCUtR replaces the connection with a direct one.
// Prints the results of a transfer, of new streams and of the relayed connection
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { circuitRelayServer, circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { dcutr } from '@libp2p/dcutr'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { adaptive } from '../../presets/index.ts'
import { dialer, followPreferred } from '../../src/index.ts'
import { createNode } from '../helpers/node.ts'
import { connectionOf, hashOf, receiveHashes, sendHalves } from '../helpers/transfer.ts'
import { poll, until } from '../helpers/until.ts'
import { dose } from '../support/dose.ts'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'

/** The end that opens the direct connection, and asks the other end to close the relayed one */
export type Closing = 'callee' | 'caller'

export interface DcutrResult {
  /** The first connection of the caller, and the final connection of both ends */
  first: string
  left: [caller: string[], callee: string[]]
  isTransferWhole: boolean
  /** The connection of a stream that is opened during the transfer, and of a stream that follows the preferred connection */
  next: string
  followed?: string
  /** The number of changes of the preferred connection that each end reports */
  changes: [caller: number, callee: number]
}

const PROTOCOL = '/test/dcutr/1'
const ON_ANY = { runOnLimitedConnection: true }

// the kernel drops signals to the first process of a namespace unless the process has a handler for them
process.on('SIGINT', () => process.exit(130)).on('SIGTERM', () => process.exit(143))
process.stdin.resume().once('end', () => process.exit(130))

const ip = (command: string): void => { execFileSync('ip', command.split(' '), { stdio: ['ignore', 'ignore', 'inherit'] }) }
let port = 4_001

ip('link set lo up')
Array.from({ length: 3 }, (_, i) => { ip(`addr add 45.30.0.${10 + i}/32 dev lo`) })

const plays: Record<string, Promise<DcutrResult>> = {}

for (const closing of ['callee', 'caller'] satisfies Closing[]) {
  for (const ours of ['both', closing, 'neither'] as const) {
    plays[`${closing}: ${ours}`] = play(closing, end => ours === 'both' || ours === end)
  }
}

const results = await Promise.all(Object.entries(plays).map(async ([name, result]) => [name, await result] as const))
process.stdout.write(JSON.stringify(Object.fromEntries(results)), () => process.exit())

async function play (closing: Closing, isOurs: (end: Closing) => boolean): Promise<DcutrResult> {
  // either the callee dials the caller, or the caller's addresses have no listener
  const isReachable = closing === 'callee'
  const [relayAddress, callerAddress, calleeAddress] = [10, 11, 12].map(host => `/ip4/45.30.0.${host}/tcp/${port++}`) as [string, string, string]
  const services = (end: Closing): Record<string, any> => ({
    identify: identify(),
    dcutr: dcutr(),
    // shorter than the default, which keeps an idle connection for half a minute
    ...isOurs(end) && { dialer: dialer(adaptive(), dose(1, 0) === 1 ? {} : { convergence: { idle: 3_000 } }) }
  })
  const transports = [tcp(), circuitRelayTransport()]
  const relay = await createNode({
    listen: [relayAddress],
    addresses: { announce: [relayAddress] },
    transports: [tcp()],
    // the relay has limits in the case that sends little
    services: { identify: identify(), relay: circuitRelayServer({ reservations: { applyDefaultLimit: !isReachable } }) }
  })
  const callee = await createNode<any>({ listen: [calleeAddress, `${relay.getMultiaddrs()[0]}/p2p-circuit`], addresses: { appendAnnounce: [calleeAddress] }, transports, services: services('callee') })
  const caller = await createNode<any>({ listen: isReachable ? [callerAddress] : [], addresses: { announce: [callerAddress] }, transports, services: services('caller') })
  const ends = [caller, callee] as const
  const changes = ends.map(end => {
    const events: unknown[] = []
    end.services.dialer?.addEventListener('connection:preferred', ({ detail }: CustomEvent) => { events.push(detail) })

    return events
  })
  const hasDirect = (): boolean => connections(caller, callee).some(({ direct }) => direct) && connections(callee, caller).some(({ direct }) => direct)
  const received = receiveHashes(callee, PROTOCOL)

  const address = callee.getMultiaddrs().find(one => `${one}`.includes('/p2p-circuit'))
  const first = await caller.dial(address as any, ON_ANY)
  const stated = describe(first)
  const follower = isOurs('caller') ? await followPreferred(caller.services.dialer, first, async (connection, signal) => connection.newStream(PROTOCOL, { signal, ...ON_ANY })) : undefined
  const sent = randomBytes(isReachable ? 4 * 1024 * 1024 : 64 * 1024)
  const transfer = sendHalves(await first.newStream(PROTOCOL, ON_ANY), sent, async () => until(hasDirect, Boolean)).then(() => true, () => false)
  await until(hasDirect, Boolean)

  const stream = await caller.dialProtocol(callee.peerId, PROTOCOL, ON_ANY)
  const next = whereIs(stream, caller)
  stream.abort(new Error('That is all'))

  await poll(() => follower == null || whereIs(follower.stream, caller) === 'direct', Boolean)
  const followed = follower == null ? undefined : whereIs(follower.stream, caller)
  const isTransferWhole = await transfer && await poll(() => received.has(hashOf(sent)), Boolean)

  await poll(() => connections(caller, callee).length === 1 && connections(callee, caller).length === 1, Boolean)
  const left = [connections(caller, callee).map(describe), connections(callee, caller).map(describe)] as DcutrResult['left']
  await Promise.all([caller.stop(), callee.stop(), relay.stop()])

  return { first: stated, left, isTransferWhole, next, followed, changes: changes.map(({ length }) => length) as DcutrResult['changes'] }
}

function connections (from: Libp2p, to: Libp2p): Connection[] {
  return from.getConnections(to.peerId).filter(({ status }) => status === 'open')
}

function describe ({ direct, limits }: Connection): string {
  return `${limits == null ? '' : 'limited, '}${direct ? 'direct' : 'relayed'}`
}

function whereIs (stream: Stream, node: Libp2p): string {
  const connection = connectionOf(node, stream)

  return connection == null ? 'nowhere' : describe(connection)
}

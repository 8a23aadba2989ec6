import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { adaptive } from '../../presets/index.ts'
import { dialer } from '../../src/index.ts'
import { createNode } from '../../test/helpers/node.ts'
import { connectionOf, hashOf } from '../../test/helpers/transfer.ts'
import { PATIENCE, poll, until } from '../../test/helpers/until.ts'
import { describe, PROTOCOL } from './callee-process.ts'
import { behind, startRelay } from './kit.ts'
import type { DialTrace, TraceAttempt } from '../../src/trace/index.ts'
import type { Callee } from './callee-process.ts'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { ChildProcess } from 'node:child_process'
import type { ExecutionContext } from 'ava'

// Two processes connect through a relay, and then over WebRTC, with default configuration

const ON_ANY = { runOnLimitedConnection: true }

/** The bytes of a stream: less than the 128 KiB that a limited relay passes by default */
const SIZE = 64 * 1024

/** Milliseconds, longer than a redundant connection is kept */
const KEPT = 35_000

interface Scene {
  caller: Libp2p<any>
  /** Relayed and WebRTC addresses of the callee */
  addresses: [relayed: Multiaddr, webrtc: Multiaddr]
  /** Connections of the caller */
  connections: () => string[]
  callee: () => Promise<Callee>
}

async function scene (t: ExecutionContext, ours: ReadonlyArray<'caller' | 'callee'>): Promise<Scene> {
  t.timeout(300_000)
  const relay = await startRelay(true)
  const address = `${relay.getMultiaddrs()[0]}`
  const child = fork(fileURLToPath(new URL('callee-process.ts', import.meta.url)), [address, ours.includes('callee') ? 'ours' : 'stock'])
  const { services, ...options } = behind(address)
  const caller = await createNode<any>({ ...options, services: { ...services, ...ours.includes('caller') && { dialer: dialer(adaptive()) } } })
  t.teardown(async () => {
    child.disconnect()
    await Promise.all([caller.stop(), relay.stop()])
  })
  await once(child, 'message')
  const callee = async (): Promise<Callee> => ask(child, `${caller.peerId}`)
  const addresses = (await callee()).addresses.map(one => multiaddr(one)) as Scene['addresses']
  const { 2: peer = '' } = /(.*)\/p2p\/(\w+)$/.exec(`${addresses[0]}`) ?? []

  return { caller, addresses, callee, connections: () => caller.getConnections().filter(({ remotePeer, status }) => `${remotePeer}` === peer && status === 'open').map(describe) }
}

async function ask (child: ChildProcess, question: string): Promise<Callee> {
  child.send(question)
  const [answer] = await once(child, 'message') as [Callee]

  return answer
}

test.serial('both ends converge: relayed first, a transfer ends there, new streams go over WebRTC, and the relayed connection is closed', async t => {
  const { caller, addresses, callee, connections } = await scene(t, ['caller', 'callee'])
  const changes: unknown[] = []
  caller.services.dialer.addEventListener('connection:preferred', ({ detail }: CustomEvent) => { changes.push(detail) })
  const first: Connection = await caller.dial(addresses, ON_ANY)
  t.is(describe(first), 'relayed')

  const sent = randomBytes(SIZE)
  const stream = await first.newStream(PROTOCOL, ON_ANY)
  stream.send(sent.subarray(0, SIZE / 2))
  const repeated = await untilWebRtc(t, caller, addresses[1], connections)

  const next = await caller.dialProtocol(first.remotePeer, PROTOCOL, ON_ANY)
  t.is(whereIs(caller, next), 'webrtc')
  next.abort(new Error('That is all'))
  t.is(first.status, 'open')

  stream.send(sent.subarray(SIZE / 2))
  await stream.close()
  const hash = hashOf(sent)
  t.true((await eventually(callee, ({ hashes }) => hashes.includes(hash))).hashes.includes(hash))

  t.deepEqual(await until(connections, ({ length }) => length === 1), ['webrtc'])
  const { connections: its, changes: itsChanges } = await eventually(callee, one => one.connections.length === 1)
  t.deepEqual(its, ['webrtc'])
  t.is(changes.length, 1)
  // when WebRTC got stuck, the callee had a connection for a moment
  t.true(itsChanges >= 1 && itsChanges <= 1 + repeated, `${itsChanges}, ${repeated} repeated`)
})

test.serial('the caller converges: new streams go over WebRTC, and the relayed connection is closed', async t => {
  const { caller, addresses, callee, connections } = await scene(t, ['caller'])
  const first: Connection = await caller.dial(addresses, ON_ANY)
  t.is(describe(first), 'relayed')
  await untilWebRtc(t, caller, addresses[1], connections)

  const next = await caller.dialProtocol(first.remotePeer, PROTOCOL, ON_ANY)
  t.is(whereIs(caller, next), 'webrtc')
  next.abort(new Error('That is all'))
  t.deepEqual(await until(connections, ({ length }) => length === 1), ['webrtc'])
  t.deepEqual((await eventually(callee, one => one.connections.length === 1)).connections, ['webrtc'])
})

test.serial('the callee converges: it prefers WebRTC, and closes nothing that the caller has dialled', async t => {
  const { caller, addresses, callee, connections } = await scene(t, ['callee'])
  // libp2p's own dialer tries WebRTC first
  t.is(describe(await caller.dial(addresses[0], ON_ANY)), 'relayed')
  await untilWebRtc(t, caller, addresses[1], connections)
  t.is((await eventually(callee, ({ changes }) => changes === 1)).changes, 1)
  await sleep(KEPT)
  t.deepEqual(connections().toSorted(), ['relayed', 'webrtc'])
})

test.serial("libp2p's own dialers: the relayed connection stays", async t => {
  const { caller, addresses, connections } = await scene(t, [])
  t.is(describe(await caller.dial(addresses[0], ON_ANY)), 'relayed')
  await untilWebRtc(t, caller, addresses[1], connections)
  await sleep(KEPT)
  t.deepEqual(connections().toSorted(), ['relayed', 'webrtc'])
})

/**
 * Waits for a connection over WebRTC. The first dial of this dialer lingers for it, and gives up no attempt. Dials again after a dial of
 * libp2p's own dialer, or when WebRTC got stuck, which happens with any dialer. Returns the number of extra dials
 */
async function untilWebRtc (t: ExecutionContext, caller: Libp2p, webrtc: Multiaddr, connections: () => string[]): Promise<number> {
  let tries = 0

  for (; !(await poll(connections, all => all.includes('webrtc'), 8_000)).includes('webrtc'); tries++) {
    t.true(tries < 10)
    t.deepEqual(attemptsAt(caller, webrtc).filter(({ outcome }) => outcome === 'cancelled'), [])
    t.log('WebRTC is dialled once more')
    await caller.dial(webrtc, { force: true }).catch(() => {})
  }

  return tries
}

/** Returns this dialer's attempts at an address. None for a node with libp2p's own dialer */
function attemptsAt ({ services: { dialer } }: Libp2p<any>, address: Multiaddr): TraceAttempt[] {
  const traces: DialTrace[] = dialer?.traces() ?? []

  return traces.flatMap(({ candidates }) => candidates).filter(candidate => candidate.address === `${address}`).flatMap(({ attempts }) => attempts)
}

async function eventually (ask: () => Promise<Callee>, isDone: (callee: Callee) => boolean): Promise<Callee> {
  const end = performance.now() + PATIENCE
  let answer = await ask()

  while (!isDone(answer) && performance.now() < end) {
    await sleep(50)
    answer = await ask()
  }

  return answer
}

function whereIs (node: Libp2p, stream: Stream): string {
  const connection = connectionOf(node, stream)

  return connection == null ? 'nowhere' : describe(connection)
}

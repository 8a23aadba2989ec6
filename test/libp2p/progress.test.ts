import { setImmediate as nextTurn } from 'node:timers/promises'
import { peerRoutingSymbol } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { staggered, stock } from '../../presets/index.ts'
import { filter, sequential } from '../../src/stages/index.ts'
import { refused } from '../helpers/refused.ts'
import { rejects, watchUnhandled } from '../helpers/unhandled.ts'
import { addressesOf, dialling, Gate, listening } from './kit.ts'
import type { DialProgressEvent } from '../../src/index.ts'
import type { DialOptions, PeerId } from '@libp2p/interface'

/** Events that the first caller of a TCP dial hears, in order */
const ALL = [
  'connection:open',
  'dial-queue:add-to-dial-queue',
  'dial-queue:start-dial',
  'dial-queue:calculated-addresses',
  'transport-manager:selected-transport',
  'tcp:open-connection',
  'upgrader:encrypt-outbound-connection',
  'connection:opened'
]

interface Heard {
  /** Types of libp2p's own events */
  types: string[]
  events: CustomEvent[]
  options: Pick<DialOptions, 'onProgress'>
}

function listener (): Heard {
  const events: CustomEvent[] = []

  return {
    events,
    get types () { return events.map(({ type }) => type).filter(type => !type.startsWith('dial-pipeline:')) },
    options: { onProgress: event => { events.push(event as unknown as CustomEvent) } }
  }
}

for (const [name, preset] of [['stock', stock], ['staggered', staggered]] as const) {
  test(`${name}: a dial reports progress events in libp2p's order`, async t => {
    const [node, remote] = await Promise.all([dialling(t, preset()), listening(t)])
    const heard = listener()

    const connection = await node.dial(addressesOf(remote), heard.options)

    t.deepEqual(withoutMuxer(heard.types), ALL)
    t.deepEqual(heard.events[0]?.detail, addressesOf(remote))
    t.deepEqual(detailOf(heard.events, 'dial-queue:calculated-addresses').map(({ multiaddr, isCertified }: any) => [`${multiaddr}`, isCertified]), [[`${addressesOf(remote)[0]}`, false]])
    t.is(detailOf(heard.events, 'transport-manager:selected-transport'), '@libp2p/tcp')
    t.is(heard.events.at(-1)?.detail, connection)
    t.is(new Set(heard.events).size, heard.events.length)
  })
}

test('an invalid target reports no progress event', async t => {
  const node = await dialling(t, staggered())
  const heard = listener()

  await t.throwsAsync(node.dial('/ip4/127.0.0.1/tcp/1' as any, heard.options), { name: 'InvalidParametersError' })
  t.deepEqual(heard.types, [])
})

test('calculated-addresses is reported once although routing adds addresses', async t => {
  const remote = await listening(t)
  const findPeer = async (id: PeerId) => ({ id, multiaddrs: addressesOf(remote) })
  const node = await dialling(t, staggered(), { services: { router: () => ({ [peerRoutingSymbol]: { findPeer } }) } })
  await node.peerStore.merge(remote.peerId, { multiaddrs: [(await refused()).multiaddr] })
  const heard = listener()
  await node.dial(remote.peerId, heard.options)

  t.is(heard.types.filter(type => type === 'transport-manager:selected-transport').length, 2)
  t.is(heard.types.filter(type => type === 'dial-queue:calculated-addresses').length, 1)
})

test('libp2p\'s own dialer reports the same progress events', async t => {
  const [node, remote] = await Promise.all([listening(t, { listen: [] }), listening(t)])
  const heard = listener()

  await node.dial(addressesOf(remote), heard.options)

  t.deepEqual(withoutMuxer(heard.types), ALL)
})

test('a dial of a connected peer reports already-connected', async t => {
  const [node, remote] = await Promise.all([dialling(t, staggered()), listening(t)])
  const connection = await node.dial(addressesOf(remote))
  const heard = listener()

  await node.dial(remote.peerId, heard.options)

  t.deepEqual(heard.types, ['connection:open', 'dial-queue:already-connected', 'connection:opened'])
  t.is(heard.events.at(-1)?.detail, connection)
})

test('a caller that joins at once hears the other events', async t => {
  const [node, remote] = await Promise.all([dialling(t, staggered()), listening(t)])
  const [first, second] = [listener(), listener()]

  await Promise.all([node.dial(addressesOf(remote), first.options), node.dial(addressesOf(remote), second.options)])

  t.deepEqual(withoutMuxer(first.types), ALL)
  t.deepEqual(withoutMuxer(second.types), [
    'connection:open',
    'dial-queue:already-in-dial-queue',
    ...ALL.slice(ALL.indexOf('dial-queue:calculated-addresses'))
  ])
})

test('a caller that joins during an attempt hears later events only', async t => {
  const gate = new Gate()
  const remote = await listening(t)
  const node = await dialling(t, staggered(), { connectionGater: { denyOutboundConnection: async () => gate.hold() } })
  const [first, second] = [listener(), listener()]

  const dials = [node.dial(addressesOf(remote), first.options)]
  await gate.arrival
  dials.push(node.dial(addressesOf(remote), second.options))
  gate.open()
  const [a, b] = await Promise.all(dials)

  t.is(a, b)
  t.deepEqual(withoutMuxer(first.types), ALL)
  t.deepEqual(withoutMuxer(second.types), ['connection:open', 'dial-queue:already-in-dial-queue', 'upgrader:encrypt-outbound-connection', 'connection:opened'])
})

test('a caller that has aborted hears no more events', async t => {
  const gate = new Gate()
  const remote = await listening(t)
  const node = await dialling(t, staggered(), { connectionGater: { denyOutboundConnection: async () => gate.hold() } })
  const controller = new AbortController()
  const [leaver, stayer] = [listener(), listener()]

  const left = node.dial(addressesOf(remote), { signal: controller.signal, ...leaver.options })
  const stays = node.dial(addressesOf(remote), stayer.options)
  await gate.arrival
  controller.abort()
  await t.throwsAsync(left, { name: 'AbortError' })
  gate.open()
  await stays

  t.is(leaver.types.at(-1), 'tcp:open-connection')
  t.is(stayer.types.at(-1), 'connection:opened')
})

test('a queued dial reports start-dial when it starts', async t => {
  const gate = new Gate()
  const [a, b] = await Promise.all([listening(t), listening(t)])
  const node = await dialling(t, staggered(), {
    connectionManager: { maxParallelDials: 1 },
    connectionGater: { denyOutboundConnection: async peer => peer.equals(a.peerId) ? gate.hold() : false }
  })
  const waiting = listener()

  const dials = [node.dial(addressesOf(a)), node.dial(addressesOf(b), waiting.options)]
  await gate.arrival
  t.deepEqual(waiting.types, ['connection:open', 'dial-queue:add-to-dial-queue'])

  gate.open()
  await Promise.all(dials)
  t.deepEqual(withoutMuxer(waiting.types), ALL)
})

test('a progress listener that throws affects no dial', async t => {
  const [node, remote] = await Promise.all([dialling(t, staggered()), listening(t)])
  const heard = listener()
  const broken: DialOptions = { onProgress: ({ type }) => { if (type.startsWith('dial-queue')) throw new Error('the listener is broken') } }

  const [one, other] = await Promise.all([node.dial(addressesOf(remote), broken), node.dial(addressesOf(remote), heard.options)])

  t.is(one, other)
  t.is(heard.types.at(-1), 'connection:opened')
})

test.serial('a progress listener that rejects affects no dial', async t => {
  const unhandled = watchUnhandled(t)
  const [node, remote] = await Promise.all([dialling(t, staggered()), listening(t)])
  const broken: DialOptions = { onProgress: ({ type }) => type.startsWith('dial-queue') ? rejects() : undefined }

  t.is((await node.dial(addressesOf(remote), broken)).status, 'open')
  t.deepEqual(await unhandled(), [])
})

test('progress events report outcomes and drops, and a transport\'s events have their address', async t => {
  const [node, remote, bad] = await Promise.all([dialling(t, staggered().replace('stagger', sequential()).after('resolve', filter('tcp-only', ({ facts }) => facts.transport === 'tcp' || 'not over TCP'))), listening(t), refused()])
  const closed = String(bad.multiaddr.encapsulate(`/p2p/${remote.peerId}`))
  const [good] = addressesOf(remote).map(String)
  const [webSocket] = addressesOf(remote, 'ws').map(String)
  const told: DialProgressEvent[] = []
  await node.dial([closed, ...remote.getMultiaddrs()].map(one => multiaddr(String(one))), { onProgress: (event: DialProgressEvent) => { told.push(event) } })

  t.deepEqual(told.flatMap(event => event.type.startsWith('dial-pipeline:') ? [[event.type, event.address, (event.detail as any).reason ?? (event.detail as any).outcome]] : []), [
    ['dial-pipeline:attempt-start', closed, undefined],
    ['dial-pipeline:address-dropped', webSocket, 'not over TCP'],
    ['dial-pipeline:attempt-end', closed, 'failed'],
    ['dial-pipeline:attempt-start', good, undefined],
    ['dial-pipeline:attempt-end', good, 'connected']
  ])
  t.deepEqual(told.filter(({ type }) => (type as string) === 'tcp:open-connection').map(({ address }) => address), [closed, good])
  t.is(told.find(({ type }) => type === 'upgrader:encrypt-outbound-connection')?.address, good)
  t.is(told.find(({ type }) => type === 'dial-queue:start-dial')?.address, undefined)
  const [failed] = told.flatMap(event => event.type === 'dial-pipeline:attempt-end' && event.detail.outcome === 'failed' ? [event.detail] : [])
  t.regex(failed?.error?.message ?? '', /ECONNREFUSED/)
})

for (const type of ['dial-pipeline:attempt-start', 'dial-pipeline:attempt-end', 'dial-pipeline:address-dropped']) {
  test(`a caller that aborts on ${type} leaves nothing open`, async t => {
    const [node, remote, bad] = await Promise.all([dialling(t, staggered().after('resolve', filter('tcp-only', ({ facts }) => facts.transport === 'tcp' || 'not over TCP'))), listening(t), refused()])
    const controller = new AbortController()
    const dial = node.dial([bad.multiaddr.encapsulate(`/p2p/${remote.peerId}`), ...remote.getMultiaddrs()], {
      signal: controller.signal,
      onProgress: (event: DialProgressEvent) => { if (event.type === type) controller.abort() }
    })

    await t.throwsAsync(dial, { name: 'AbortError' })
    await nextTurn()
    t.is(node.getConnections().length, 0)
    t.is(node.getDialQueue().length, 0)
  })
}

function detailOf (events: CustomEvent[], type: string): any {
  return events.find(event => event.type === type)?.detail
}

/** Leaves out the muxer event, which depends on whether noise has selected the muxer */
function withoutMuxer (types: string[]): string[] {
  return types.filter(type => type !== 'upgrader:multiplex-outbound-connection')
}

test('a progress listener that dials for each event has its further dials refused', async t => {
  const [node, remote] = await Promise.all([dialling(t, staggered()), listening(t)])
  const outcomes = new Set<string>()
  let dials = 0

  const go = async (): Promise<void> => {
    dials++
    await node.dial(addressesOf(remote), {
      onProgress: ({ type }) => {
        if (type === 'connection:open') {
          go().then(() => outcomes.add('connected'), err => outcomes.add(err.message))
        }
      }
    })
  }

  await go()
  t.deepEqual([...outcomes].toSorted(), ['Cannot dial: a progress listener dials again for each event of its own dials', 'connected'])
  t.is(dials, 101)
  t.is(node.getDialQueue().length, 0)
})

import { setImmediate as nextTurn } from 'node:timers/promises'
import { peerRoutingSymbol } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { staggered } from '../../presets/index.ts'
import { filter, sequential } from '../../src/stages/index.ts'
import { heard } from '../contract/heard.ts'
import { refused } from '../helpers/refused.ts'
import { rejecting } from '../helpers/thenable.ts'
import { watchUnhandled } from '../helpers/unhandled.ts'
import { addressesOf, dialling, listening } from './kit.ts'
import type { DialProgressEvent } from '../../src/index.ts'
import type { DialOptions, PeerId } from '@libp2p/interface'

test('an invalid target reports no progress event', async t => {
  const node = await dialling(t, staggered())
  const progress = heard()

  // `any`: a wrong value on purpose, which the check at run time refuses
  await t.throwsAsync(node.dial('/ip4/127.0.0.1/tcp/1' as any, progress.options), { name: 'InvalidParametersError' })
  t.deepEqual(progress.types, [])
})

test('calculated-addresses is reported once although routing adds addresses', async t => {
  const remote = await listening(t)
  const findPeer = async (id: PeerId) => ({ id, multiaddrs: addressesOf(remote) })
  const node = await dialling(t, staggered(), { services: { router: () => ({ [peerRoutingSymbol]: { findPeer } }) } })
  await node.peerStore.merge(remote.peerId, { multiaddrs: [(await refused()).multiaddr] })
  const progress = heard()
  await node.dial(remote.peerId, progress.options)

  t.is(progress.types.filter(type => type === 'transport-manager:selected-transport').length, 2)
  t.is(progress.types.filter(type => type === 'dial-queue:calculated-addresses').length, 1)
})

test('a caller that joins at once hears the events from the calculated addresses on', async t => {
  const [node, remote] = await Promise.all([dialling(t, staggered()), listening(t)])
  const [first, second] = [heard(), heard()]

  await Promise.all([node.dial(addressesOf(remote), first.options), node.dial(addressesOf(remote), second.options)])

  const rest = first.types.slice(first.types.indexOf('dial-queue:calculated-addresses'))
  t.is(rest.length, 5)
  t.deepEqual(second.types, ['connection:open', 'dial-queue:already-in-dial-queue', ...rest])
})

test('progress events report outcomes and drops, and a transport\'s events have their address', async t => {
  const [node, remote, bad] = await Promise.all([dialling(t, staggered().replace('stagger', sequential()).after('resolve', filter('tcp-only', ({ facts }) => facts.transport === 'tcp' || 'not over TCP'))), listening(t), refused()])
  const closed = String(bad.multiaddr.encapsulate(`/p2p/${remote.peerId}`))
  const [good] = addressesOf(remote).map(String)
  const [webSocket] = addressesOf(remote, 'ws').map(String)
  const events: DialProgressEvent[] = []
  await node.dial([closed, ...remote.getMultiaddrs()].map(one => multiaddr(String(one))), { onProgress: (event: DialProgressEvent) => { events.push(event) } })

  t.deepEqual(events.flatMap(event => event.type.startsWith('dial-pipeline:') ? [[event.type, event.address, (event.detail as any).reason ?? (event.detail as any).outcome]] : []), [
    ['dial-pipeline:attempt-start', closed, undefined],
    ['dial-pipeline:address-dropped', webSocket, 'not over TCP'],
    ['dial-pipeline:attempt-end', closed, 'failed'],
    ['dial-pipeline:attempt-start', good, undefined],
    ['dial-pipeline:attempt-end', good, 'connected']
  ])
  t.deepEqual(events.filter(({ type }) => (type as string) === 'tcp:open-connection').map(({ address }) => address), [closed, good])
  t.is(events.find(({ type }) => type === 'upgrader:encrypt-outbound-connection')?.address, good)
  t.is(events.find(({ type }) => type === 'dial-queue:start-dial')?.address, undefined)
  const [failed] = events.flatMap(event => event.type === 'dial-pipeline:attempt-end' && event.detail.outcome === 'failed' ? [event.detail] : [])
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

test('a progress listener that throws affects no dial', async t => {
  const [node, remote] = await Promise.all([dialling(t, staggered()), listening(t)])
  const progress = heard()
  const broken: DialOptions = { onProgress: ({ type }) => { if (type.startsWith('dial-queue')) throw new Error('the listener is broken') } }

  const [one, other] = await Promise.all([node.dial(addressesOf(remote), broken), node.dial(addressesOf(remote), progress.options)])

  t.is(one, other)
  t.is(progress.types.at(-1), 'connection:opened')
})

test.serial('a progress listener that rejects affects no dial', async t => {
  const unhandled = watchUnhandled(t)
  const [node, remote] = await Promise.all([dialling(t, staggered()), listening(t)])
  const broken: DialOptions = { onProgress: ({ type }) => type.startsWith('dial-queue') ? rejecting() : undefined }

  t.is((await node.dial(addressesOf(remote), broken)).status, 'open')
  t.deepEqual(await unhandled(), [])
})

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

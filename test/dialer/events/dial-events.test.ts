import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { setImmediate as nextTurn } from 'node:timers/promises'
import test from 'ava'
import { adaptive } from '../../../presets/adaptive.ts'
import { PendingDial } from '../../../src/dialer/dials/pending-dial.ts'
import { pipeline } from '../../../src/pipeline/index.ts'
import { filter, fromCaller, race, stagger } from '../../../src/stages/index.ts'
import { refused } from '../../helpers/refused.ts'
import { rejecting } from '../../helpers/thenable.ts'
import { addressesOf, dialling, listening, mute } from '../../libp2p/kit.ts'
import type { Dialer, DialTrace } from '../../../src/index.ts'

const TCP_ONLY = pipeline('tcp-only', fromCaller(), filter('tcp-only', ({ facts }) => facts.transport === 'tcp' || 'not over TCP'), stagger(5), race())

type Told = [type: string, detail: any]

/** Returns the events of a dialer, in order */
function toldBy (dialer: Dialer, ...types: Array<'dial:start' | 'dial:end' | 'attempt:start' | 'attempt:end' | 'address:dropped'>): Told[] {
  const told: Told[] = []
  types.forEach(type => { dialer.addEventListener(type, ({ detail }) => { told.push([type, detail]) }) })

  return told
}

/** Resolves when the events dispatched in this turn have been delivered */
async function ended (dialer: Dialer): Promise<void> {
  await new Promise<void>(resolve => { dialer.addEventListener('dial:end', () => { resolve() }, { once: true }) })
  await nextTurn()
}

test('dial:start has the name that is given to a preset', async t => {
  const remote = await listening(t)

  for (const [whole, name] of [[pipeline('adaptive', adaptive()), 'adaptive'], [adaptive(), 'pipeline']] as const) {
    const node = await dialling(t, whole)
    const told = toldBy(node.services.dialer, 'dial:start')
    const over = ended(node.services.dialer)
    await node.dial(addressesOf(remote))
    await over

    t.deepEqual(told.map(([, { pipeline }]) => pipeline), [name])
  }
})

test('a dial emits events for its start, each attempt, dropped addresses and its end', async t => {
  const [node, remote, silent] = await Promise.all([dialling(t, TCP_ONLY), listening(t), mute(t)])
  const { dialer } = node.services
  const closed = await refused()
  const told = toldBy(dialer, 'dial:start', 'attempt:start', 'attempt:end', 'address:dropped', 'dial:end')
  const peer = remote.peerId.toString()
  const [good, bad, mutes] = [addressesOf(remote)[0], closed.multiaddr, silent.multiaddr].map(one => one.toString().includes('/p2p/') ? one : one.encapsulate(`/p2p/${peer}`))
  const [webSocket] = addressesOf(remote, 'ws')
  const over = ended(dialer)
  await node.dial([mutes, bad, good, webSocket] as any)
  await over

  t.deepEqual(told.map(([type, { address, outcome }]) => [type, address, ...type === 'attempt:end' ? [outcome] : []]), [
    ['dial:start', undefined],
    ['address:dropped', String(webSocket)],
    ['attempt:start', String(mutes)],
    ['attempt:start', String(bad)],
    ['attempt:end', String(bad), 'failed'],
    ['attempt:start', String(good)],
    ['attempt:end', String(good), 'connected'],
    ['attempt:end', String(mutes), 'cancelled'],
    ['dial:end', undefined]
  ])
  const [[, start], [, dropped], [, attempt], , [, failure]] = told as [Told, Told, Told, Told, Told]
  t.deepEqual(told.flatMap(([type, { dials }]) => type === 'attempt:end' ? [dials] : []), [[start.id], [start.id], [start.id]])
  t.like(start, { peer, pipeline: 'tcp-only', addresses: [mutes, bad, good, webSocket].map(String) })
  t.like(dropped, { dial: start.id, peer, stage: 'tcp-only', reason: 'not over TCP' })
  t.like(attempt, { dials: [start.id], peer, transport: 'tcp' })
  t.true(attempt.at >= start.at)
  t.true(failure.endedAt >= failure.at)
  t.regex(failure.error.message, /ECONNREFUSED/)
})

test('an attempt that began before a listener was added emits its end', async t => {
  const [node, remote] = await Promise.all([dialling(t, TCP_ONLY), listening(t)])
  const { dialer } = node.services
  const told: any[] = []
  node.services.dialer.addEventListener('dial:start', () => {}, { once: true })
  await node.dial(addressesOf(remote), { onProgress: ({ type }) => {
    if (type === 'upgrader:encrypt-outbound-connection' && told.length === 0) {
      dialer.addEventListener('attempt:end', ({ detail }) => { told.push(detail) })
    }
  } })
  await nextTurn()

  t.is(told.length, 1)
  t.like(told[0], { address: String(addressesOf(remote)[0]), outcome: 'connected', dials: [dialer.traces().at(-1)?.id] })
})

test('a listener that throws or rejects is logged, and affects neither the dial nor other listeners', async t => {
  const [node, remote] = await Promise.all([dialling(t, TCP_ONLY), listening(t)])
  const { dialer } = node.services
  const calls: string[] = []
  dialer.addEventListener('dial:start', () => { throw new Error('thrown') })
  dialer.addEventListener('attempt:start', rejecting)
  dialer.addEventListener('dial:start', { handleEvent: () => { calls.push('start') } })
  const over = ended(dialer)
  const connection = await node.dial(addressesOf(remote))
  await over

  t.is(connection.status, 'open')
  t.deepEqual(calls, ['start'])
})

test('removeEventListener() and once work for dial events', async t => {
  const [node, remote] = await Promise.all([dialling(t, TCP_ONLY), listening(t)])
  const { dialer } = node.services
  const calls: string[] = []
  const removed = (): void => { calls.push('removed') }
  dialer.addEventListener('dial:end', removed)
  dialer.addEventListener('dial:end', removed)
  t.is(dialer.listenerCount('dial:end'), 1)
  dialer.removeEventListener('dial:end', removed)
  t.is(dialer.listenerCount('dial:end'), 0)
  dialer.addEventListener('dial:end', () => { calls.push('once') }, { once: true })

  for (let i = 0; i < 2; i++) {
    const over = ended(dialer)
    await (await node.dial(addressesOf(remote))).close()
    await over
  }

  t.deepEqual(calls, ['once'])
})

test('a listener is called on the dialer, as on any event target', async t => {
  const [node, remote] = await Promise.all([dialling(t, TCP_ONLY), listening(t)])
  const { dialer } = node.services
  const receivers: unknown[] = []
  dialer.addEventListener('dial:start', function (this: unknown) { receivers.push(this) })
  const over = ended(dialer)
  await node.dial(addressesOf(remote))
  await over

  t.is(receivers.length, 1)
  t.is(receivers[0], dialer)
})

test('a listener may dial and stop the node', async t => {
  const [node, remote, other] = await Promise.all([dialling(t, TCP_ONLY), listening(t), listening(t)])
  const { dialer } = node.services
  const nested = new Promise<unknown>((resolve, reject) => {
    dialer.addEventListener('attempt:start', () => { node.dial(addressesOf(other)).then(resolve, reject) }, { once: true })
  })
  await node.dial(addressesOf(remote))
  await t.notThrowsAsync(nested)
  dialer.addEventListener('attempt:start', () => { void node.stop() })
  await t.throwsAsync(node.dial((await listening(t)).getMultiaddrs()), { name: 'AbortError' })
})

test.serial('the trace of a dial is made only when its end has a listener', async t => {
  const [node, remote] = await Promise.all([dialling(t, TCP_ONLY), listening(t)])
  const { dialer } = node.services
  const { get } = Object.getOwnPropertyDescriptor(PendingDial.prototype, 'trace') as { get: () => DialTrace }
  let made = 0
  Object.defineProperty(PendingDial.prototype, 'trace', { configurable: true, get (this: PendingDial) { made++; return get.call(this) } })
  t.teardown(() => { Object.defineProperty(PendingDial.prototype, 'trace', { configurable: true, get }) })

  dialer.addEventListener('attempt:end', () => {})
  await (await node.dial(addressesOf(remote))).close()
  await nextTurn()
  t.is(made, 0)

  const over = ended(dialer)
  await node.dial(addressesOf(remote))
  await over
  t.is(made, 1)
})

test.serial('diagnostics_channel subscribers receive the same details, and the node', async t => {
  const [node, remote] = await Promise.all([dialling(t, TCP_ONLY), listening(t)])
  const messages: any[] = []
  const onMessage = (message: unknown): void => { messages.push(message) }
  subscribe('libp2p:dial-pipeline:attempt:end', onMessage)
  t.teardown(() => { unsubscribe('libp2p:dial-pipeline:attempt:end', onMessage) })
  await node.dial(addressesOf(remote))
  await nextTurn()

  const mine = messages.filter(one => one.node === node.peerId.toString())
  t.is(mine.length, 1)
  t.like(mine[0].detail, { address: String(addressesOf(remote)[0]), outcome: 'connected' })
})

test('a dialer ignores a listener of null, and refuses one that cannot be called', async t => {
  const { dialer } = (await dialling(t, TCP_ONLY)).services
  dialer.addEventListener('dial:end', null)
  dialer.safeDispatchEvent('dial:end', { detail: {} as DialTrace })
  dialer.removeEventListener('dial:end', null)
  t.is(dialer.listenerCount('dial:end'), 0)

  for (const listener of [5, {}] as any[]) {
    t.throws(() => { dialer.addEventListener('dial:end', listener) }, { name: 'InvalidParametersError', message: /^The dialer needs a function or an object with handleEvent\(\) as listener, not / })
  }
})

import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { MemoryDatastore } from 'datastore-core'
import { staggered } from '../../presets/index.ts'
import { attach } from '../../src/index.ts'
import { settled } from '../../src/testing/virtual-clock.ts'
import { until } from '../helpers/until.ts'
import { HOUR, LOOPBACK } from './banning.ts'
import { addressesOf, dialling, leadsTo, listening } from './kit.ts'
import { broken, hanging, scene, SECOND, whileTimePasses } from './unread-bans.ts'
import type { Pair } from 'interface-datastore'

test('dials wait until the bans are read, retried after 1, 2, 4 s and so on up to 30 s', async t => {
  const { datastore, clock, node, dialer, peer, banned } = await scene(t, broken)
  t.is(datastore.reads, 2)
  const { signal } = new AbortController()
  const dials = [node.dial(addressesOf(peer), { signal }), t.throwsAsync(node.dial(addressesOf(banned), { signal }), { name: 'DialDeniedError', message: /banned until it is removed/ })] as const
  t.false(dialer.bans.isLoaded)
  t.deepEqual(dialer.bans.list(), [])

  await clock.advance(91 * SECOND)
  // retries after 1, 3, 7, 15, 31, 61 and 91 s
  t.is(datastore.reads, 9)
  t.deepEqual([peer.getConnections(), banned.getConnections()], [[], []])

  datastore.isBroken = false
  await clock.advance(30 * SECOND)
  t.true(dialer.bans.isLoaded)
  leadsTo(t, await dials[0], peer)
  await dials[1]
  t.is(dialer.bans.list().length, 2)
})

for (const [how, fail, message] of [
  ['cannot be read', broken, 'The dial timed out before it started: The bans could not be read from the datastore: EIO'],
  ['are not answered', hanging, 'The dial timed out before it started: The bans could not be read yet: the datastore has not answered']
] as const) {
  test(`the TimeoutError of a waiting dial says that the bans ${how}`, async t => {
    const { clock, node, peer } = await scene(t, fail)
    const byDefault = t.throwsAsync(node.dial(addressesOf(peer)), { name: 'TimeoutError', message })
    await settled()
    await whileTimePasses(clock, byDefault)
    const err = await byDefault
    t.is((err.cause as Error).message, message.replace(/.*started: /, ''))

    const controller = new AbortController()
    const bySignal = t.throwsAsync(node.dial(peer.peerId, { signal: controller.signal }), { name: 'TimeoutError', message })
    controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'))
    await bySignal

    const other = new AbortController()
    const aborted = t.throwsAsync(node.dial(peer.peerId, { signal: other.signal }), { message: 'enough' })
    other.abort(new Error('enough'))
    await aborted
  })

  test(`a node that stops while the bans ${how} starts again and loses none`, async t => {
    const { datastore, clock, node, dialer, peer, banned } = await scene(t, fail)
    const waiting = t.throwsAsync(node.dial(addressesOf(peer)), { name: 'AbortError' })
    await dialer.ban('192.0.2.0/24', { for: Infinity })
    await whileTimePasses(clock, Promise.resolve(node.stop()))
    await waiting
    t.is(clock.pending, 0)
    const { reads } = datastore
    await clock.advance(HOUR)
    t.is(datastore.reads, reads)

    datastore.isBroken = false
    datastore.answers = undefined
    await whileTimePasses(clock, Promise.resolve(node.start()))
    t.true(dialer.bans.isLoaded)
    t.is(dialer.bans.list().length, 3)
    await t.throwsAsync(node.dial(addressesOf(banned)), { name: 'DialDeniedError' })
    leadsTo(t, await node.dial(addressesOf(peer)), peer)
    await node.stop()

    const third = await dialling(t, staggered(), { datastore, listen: [], dialerInit: { clock, bans: { persist: true } } })
    t.is(third.services.dialer.bans.list().length, 3)
  })

  test(`required: false dials while the bans ${how}, and logs an error at least every 30 s`, async t => {
    const { datastore, clock, node, dialer, peer, banned, lines } = await scene(t, fail, { required: false })
    const errors = (): number => lines.filter(line => line.startsWith('could not') && line.includes('read bans')).length
    leadsTo(t, await node.dial(addressesOf(peer)), peer)
    const early = await node.dial(addressesOf(banned))
    leadsTo(t, early, banned)
    t.true(await node.isDialable(addressesOf(banned)))
    t.false(dialer.bans.isLoaded)

    for (let i = 0; i < 20; i++) {
      const before = errors()
      await clock.advance(30 * SECOND)
      t.true(errors() > before, `after ${30 * i} s`)
    }

    if (datastore.isBroken) {
      datastore.isBroken = false
      await clock.advance(30 * SECOND)
      t.true(dialer.bans.isLoaded)
      // the connection that was dialled without the bans is closed
      await until(() => early.status, status => status === 'closed')
      t.deepEqual(node.getConnections(banned.peerId), [])
      t.is(node.getConnections(peer.peerId).length, 1)
      await t.throwsAsync(node.dial(addressesOf(banned)), { name: 'DialDeniedError' })
      const before = errors()
      await clock.advance(HOUR)
      t.is(errors(), before)
    }

    await whileTimePasses(clock, Promise.resolve(node.stop()))
    t.is(clock.pending, 0)
  })
}

test('peers may connect before the bans are read, and connections of banned ones are closed afterwards', async t => {
  const { datastore, clock, node, dialer, peer, banned } = await scene(t, broken)
  await Promise.all([peer, banned].map(async from => from.dial(addressesOf(node))))
  await until(() => node.getConnections().length, count => count === 2)
  // a ban of this start, whose connection must stay open
  await dialer.ban(peer.peerId, { for: HOUR })

  datastore.isBroken = false
  await clock.advance(SECOND)
  await until(() => node.getConnections(banned.peerId).length, count => count === 0)
  t.deepEqual(node.getConnections(banned.peerId), [])
  t.is(node.getConnections(peer.peerId).length, 1)
})

test('a datastore that answers after the node has stopped changes nothing until the next start', async t => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const { datastore, clock, node, dialer, banned } = await scene(t, datastore => { datastore.answers = promise })
  await dialer.ban('192.0.2.0/24', { for: Infinity })
  await whileTimePasses(clock, Promise.resolve(node.stop()))
  const keys = (): string[] => Array.from(MemoryDatastore.prototype.query.call(datastore, { prefix: '/dial-pipeline/' }) as Iterable<Pair>, ({ key }) => key.toString()).toSorted()
  const before = keys()
  resolve()
  await clock.advance(HOUR)
  t.deepEqual(keys(), before)
  t.is(clock.pending, 0)
  t.false(dialer.bans.isLoaded)

  await node.start()
  t.true(dialer.bans.isLoaded)
  t.is(dialer.bans.list().length, 3)
  await t.throwsAsync(node.dial(addressesOf(banned)), { name: 'DialDeniedError' })
  await node.stop()
  t.true(keys().length >= before.length)
})

test('isDialable() waits for the bans, and is false when they are not read in time', async t => {
  const { datastore, clock, node, peer, banned } = await scene(t, broken)
  const late = node.isDialable(addressesOf(peer))
  await clock.advance(10 * SECOND)
  t.false(await late)

  datastore.isBroken = false
  const answers = [node.isDialable(multiaddr('/ip4/10.1.2.3/tcp/1')), node.isDialable(addressesOf(banned)[0]), node.isDialable(addressesOf(peer))]
  await clock.advance(30 * SECOND)
  t.deepEqual(await Promise.all(answers), [false, false, true])
})

test('dials of an attached dialer wait for the bans', async t => {
  const { datastore, clock, node, banned } = await scene(t, () => {})
  await node.stop()
  datastore.isBroken = true
  const third = await listening(t, { datastore, listen: LOOPBACK })
  const attached = attach(third, staggered(), { clock, bans: { persist: true } })
  const dial = t.throwsAsync(third.dial(addressesOf(banned)), { name: 'DialDeniedError' })
  await settled()
  t.false(attached.bans.isLoaded)
  datastore.isBroken = false
  await clock.advance(SECOND)
  await dial
})

test('bans.isLoaded is true when bans are not persisted', async t => {
  t.true((await dialling(t, staggered())).services.dialer.bans.isLoaded)
})

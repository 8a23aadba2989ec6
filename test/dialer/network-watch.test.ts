import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { NetworkWatch } from '../../src/dialer/network-watch.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'

const WIFI = '/ip4/192.168.1.2/tcp/1'
const MOBILE = '/ip6/2a01::2/tcp/1'
const LOOPBACK = '/ip4/127.0.0.1/tcp/1'
const VPN = '/ip4/10.8.0.2/tcp/1'
const RELAY = '/ip4/8.8.8.8/tcp/1/p2p/12D3KooWEvWVGac8yqEd8JPXU6dBRSDmvpbc8yFhkcxUQHCQPni5/p2p-circuit'

interface Scene {
  watch: NetworkWatch
  clock: VirtualClock
  count: () => number
  target: EventTarget
  /** Replaces the node's listening addresses */
  listen (...addresses: string[]): void
  /** Changes the wall clock without passing time */
  jump (ms: number): void
}

function scene (...addresses: string[]): Scene {
  const clock = new VirtualClock(1_000_000)
  const target = new EventTarget()
  let listens = addresses
  let off = 0
  let count = 0
  const transportManager = { getAddrs: () => listens.map(one => multiaddr(one)) }
  const watch = new NetworkWatch({ transportManager }, { clock, target, wallTime: () => clock.now() + off, onChange: () => { count++ } })
  watch.start()

  return { watch, clock, target, count: () => count, listen: (...addresses) => { listens = addresses }, jump: ms => { off += ms } }
}

for (const [what, before, after] of [
  ['another address', [LOOPBACK, WIFI], [LOOPBACK, MOBILE]],
  ['one more', [LOOPBACK, WIFI], [LOOPBACK, WIFI, VPN]],
  ['one less', [LOOPBACK, WIFI, VPN], [LOOPBACK, WIFI]],
  ['its first address', [LOOPBACK], [LOOPBACK, WIFI]]
] as const) {
  test(`the network changes when the node listens on ${what}`, async t => {
    const { clock, count, listen } = scene(...before)
    await clock.advance(10_000)
    t.is(count(), 0)
    listen(...after)
    await clock.advance(2_000)
    t.is(count(), 1)
    await clock.advance(60_000)
    t.is(count(), 1)
  })
}

for (const [what, before, after] of [
  ['begins to listen', [], [LOOPBACK, WIFI]],
  ['has no address left', [LOOPBACK, WIFI], [LOOPBACK]],
  ['listens no more', [LOOPBACK, WIFI], []],
  ['listens on another port', [LOOPBACK, WIFI], [LOOPBACK, WIFI, '/ip4/192.168.1.2/tcp/2/ws']],
  ['listens on loopback too', [WIFI], [WIFI, LOOPBACK, '/ip6/::1/tcp/1']],
  ['listens on a relay', [WIFI], [WIFI, RELAY]],
  ['names its addresses in another order', [WIFI, VPN], [VPN, WIFI]]
] as const) {
  test(`the network does not change when the node ${what}`, async t => {
    const { clock, count, listen } = scene(...before)
    await clock.advance(10_000)
    listen(...after)
    await clock.advance(10_000)

    t.is(count(), 0)
  })
}

test('the network changes when the only address returns', async t => {
  const { clock, count, listen } = scene(LOOPBACK, WIFI)
  await clock.advance(10_000)
  listen(LOOPBACK)
  await clock.advance(10_000)
  listen(LOOPBACK, WIFI)
  await clock.advance(10_000)

  t.is(count(), 1)
})

for (const [ms, expected] of [[31_000, 1], [-31_000, 1], [29_000, 0], [-29_000, 0]] as const) {
  test(`the network ${expected === 1 ? 'changes' : 'does not change'} when the wall clock jumps by ${ms} ms`, async t => {
    const { clock, count, jump } = scene(WIFI)
    await clock.advance(10_000)
    jump(ms)
    await clock.advance(2_000)
    t.is(count(), expected)
    await clock.advance(60_000)
    t.is(count(), expected)
  })
}

test('the network changes when a timer is late, as after a suspend', async t => {
  const { watch, clock, count } = scene(WIFI)
  watch.stop()
  const timers: Array<() => void> = []
  let now = 0
  let late = 0
  const slow = { now: () => now, setTimeout: (fn: () => void) => { timers.push(fn); return () => {} } }
  const sleeper = new NetworkWatch({ transportManager: { getAddrs: () => [] } }, { clock: slow, wallTime: () => now, onChange: () => { late++ } })
  sleeper.start()

  for (const ms of [2_000, 2_500, 3_600_000, 2_000]) {
    now += ms
    timers.shift()?.()
  }

  t.is(late, 1)
  t.deepEqual([count(), clock.pending], [0, 0])
})

test('the network changes on the browser\'s online event, and not on offline', t => {
  const { target, count } = scene()
  target.dispatchEvent(new Event('offline'))
  t.is(count(), 0)
  target.dispatchEvent(new Event('online'))
  t.is(count(), 1)
})

test('stop() ends the watch, and two starts watch once', async t => {
  const { watch, clock, target, count, listen } = scene(WIFI)
  watch.start()
  t.is(clock.pending, 1)
  await clock.advance(10_000)
  watch.stop()
  t.is(clock.pending, 0)
  listen(MOBILE)
  target.dispatchEvent(new Event('online'))
  await clock.advance(100_000)
  t.is(count(), 0)

  watch.start()
  await clock.advance(2_000)
  t.is(count(), 1)
  target.dispatchEvent(new Event('online'))
  t.is(count(), 2)
})

test('an error while reading addresses does not end the watch', async t => {
  const clock = new VirtualClock(0)
  const watch = new NetworkWatch({ transportManager: { getAddrs: () => { throw new Error('x') } } }, { clock, target: undefined, wallTime: () => clock.now(), onChange: () => { t.fail() } })
  watch.start()
  await clock.advance(10_000)

  t.is(clock.pending, 1)
})

test('timers throttled to once a minute do not count as a network change', async t => {
  const clock = new VirtualClock(1_000_000)
  let count = 0
  const throttled = { now: () => clock.now(), setTimeout: (fn: () => void) => clock.setTimeout(fn, 60_000) }
  const watch = new NetworkWatch({ transportManager: { getAddrs: () => [] } }, { clock: throttled, target: new EventTarget(), wallTime: () => clock.now(), onChange: () => { count++ } })
  watch.start()
  await clock.advance(3_600_000)
  watch.stop()

  t.is(count, 0)
})


test('an address that comes and goes repeatedly counts as a network change twice', async t => {
  const { clock, count, listen } = scene(WIFI)

  for (let i = 0; i < 20; i++) {
    listen(...i % 2 === 0 ? [WIFI, VPN] : [WIFI])
    await clock.advance(2_500)
  }

  t.is(count(), 2)
  listen(WIFI)
  await clock.advance(60_000)
  t.is(count(), 2)
  listen(WIFI, VPN)
  await clock.advance(2_000)
  t.is(count(), 3)
})

test('the machine\'s address that goes and returns within seconds counts as a change', async t => {
  const { clock, count, listen } = scene(LOOPBACK, WIFI)
  listen(LOOPBACK)
  await clock.advance(4_000)
  t.is(count(), 0)
  listen(LOOPBACK, WIFI)
  await clock.advance(4_000)
  t.is(count(), 1)
})

import test from 'ava'
import { pace, pipeline } from '../../../src/pipeline/index.ts'
import { sleep } from '../../../src/pipeline/clock.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { fromPeerStore } from '../../../src/stages/from-peer-store.ts'
import { fromRouting } from '../../../src/stages/from-routing.ts'
import { race } from '../../../src/stages/race.ts'
import { verify } from '../../../src/stages/verify.ts'
import { settled } from '../../../src/testing/virtual-clock.ts'
import { address, engineWorld, newPeer } from '../../helpers/scripted.ts'
import { runInSlots, slotsOf } from './slot-run.ts'
import type { SlotRun, SlotRunInit } from './slot-run.ts'
import type { SlotTaker, SpeculatingDial } from '../../../src/dialer/attempts/ticket.ts'
import type { Slots, SlotsInit } from '../../../src/dialer/attempts/slots.ts'
import type { EngineWorld } from '../../helpers/scripted.ts'

const eager = pipeline(fromCaller(), pace('eager', race => race.lastStart + 10), race())
const patient = (): { signal: AbortSignal } => ({ signal: new AbortController().signal })

/** Returns the number of attempts in flight */
function inFlight ({ network }: EngineWorld): number {
  return network.attempts.filter(({ signal, connection }) => !signal.aborted && connection == null).length
}

/** Dials peers whose addresses are silent */
async function dialSilent ({ engine }: EngineWorld, { peers, addresses }: { peers: number, addresses: number }): Promise<void> {
  for (let n = 0; n < peers; n++) {
    const peer = await newPeer()
    engine.dial(Array.from({ length: addresses }, (_, i) => address(i + 1, peer)), patient()).catch(() => {})
  }
}

test('20 peers with eight silent addresses each leave a slot for the first attempt to another peer', async t => {
  const world = engineWorld(eager, { 100: { connects: 10 } })
  await dialSilent(world, { peers: 20, addresses: 8 })
  await world.clock.advance(1_900)
  t.is(inFlight(world), 20 + 60)

  const begin = world.clock.now()
  await world.clock.until(world.engine.dial(address(100, await newPeer()), patient()))
  t.is(world.clock.now() - begin, 10)
  world.engine.stop()
})

test('dials that wait for routing leave slots for the first attempts of others', async t => {
  const peers = await Promise.all(Array.from({ length: 300 }, newPeer))
  const world = engineWorld(pipeline(fromPeerStore(), fromRouting({ when: 'exhausted' }), race()), { 1: { refuses: 5 }, 100: { connects: 10 } }, {
    stored: [{ multiaddr: address(1), isCertified: false }],
    routed: async () => { await sleep(50, world.clock, new AbortController().signal); return [address(2)] }
  })
  const lost = Promise.allSettled(peers.map(async peer => world.engine.dial(peer)))
  await world.clock.advance(1_500)
  t.is(inFlight(world), 300 + 60, 'those that were refused, and silent ones')

  const begin = world.clock.now()
  await world.clock.until(world.engine.dial(address(100, await newPeer()), { ...patient(), pipeline: eager }))
  t.is(world.clock.now() - begin, 10)
  world.engine.stop()
  await lost
})

test('each of 500 concurrent dials has a slot with maxParallelDials: 500', async t => {
  const world = engineWorld(eager, { 100: { connects: 10 } }, { settings: { maxParallelDials: 500 } })
  await dialSilent(world, { peers: 400, addresses: 2 })
  await world.clock.advance(100)
  t.is(inFlight(world), 400 + 300)

  const good = await Promise.all(Array.from({ length: 20 }, newPeer))
  const begin = world.clock.now()
  await world.clock.until(Promise.all(good.map(async peer => world.engine.dial(address(100, peer), patient()))))
  t.is(world.clock.now() - begin, 10)
  world.engine.stop()
})

test('300 dials have 480 slots, and changing maxParallelDials changes the slots of speculative attempts', async t => {
  const world = engineWorld(eager, {}, { settings: { maxParallelDials: 300 } })
  await dialSilent(world, { peers: 100, addresses: 8 })
  await world.clock.advance(150)
  t.is(inFlight(world), 100 + 180)
  world.engine.maxParallelDials = 400
  await world.clock.advance(0)
  t.is(inFlight(world), 100 + 240)
  world.engine.stop()
})

test('slots.node is divided 5 to 3 between first and speculative attempts', async t => {
  const world = engineWorld(eager, {}, { slots: { node: 16 } })
  await dialSilent(world, { peers: 4, addresses: 8 })
  await world.clock.advance(1_000)
  t.is(inFlight(world), 4 + 6)
  world.engine.stop()
})

test('a waiting speculative attempt starts when the last attempt in flight of its dial fails', async t => {
  const world = engineWorld(eager, { 5: { refuses: 200 } }, { slots: { node: 3 } })
  await dialSilent(world, { peers: 1, addresses: 2 })
  await world.clock.advance(100)
  world.engine.dial([5, 6].map(n => address(n)), patient()).catch(() => {})
  await world.clock.advance(1_000)

  t.deepEqual(world.network.attempts.map(({ at }) => at), [0, 10, 100, 300])
  world.engine.stop()
})

test('a waiting speculative attempt starts when the only attempt in flight of its dial gives way', async t => {
  const world = engineWorld(eager, {}, { slots: { node: 3 } })
  await dialSilent(world, { peers: 1, addresses: 2 })
  await world.clock.advance(100)
  world.engine.dial([5, 6].map(n => address(n)), patient()).catch(() => {})
  await world.clock.advance(3_000)

  // the new attempt gives way in turn, after two seconds of silence
  t.deepEqual(world.network.attempts.map(({ at }) => Math.round(at)), [0, 10, 100, 424, 2_424])
  world.engine.stop()
})

test('a speculative attempt frees its slot for another dial when it becomes the only attempt of its dial', async t => {
  const world = engineWorld(eager, { 1: { refuses: 100 }, 4: { connects: 10 } }, { slots: { node: 4 } })
  world.engine.dial([1, 2].map(n => address(n)), patient()).catch(() => {})
  await world.clock.advance(50)
  const other = world.engine.dial([3, 4].map(n => address(n)), patient())
  await world.clock.until(other)

  // address 2 holds the slot until address 1 refuses
  t.deepEqual(world.network.attempts.map(({ at }) => at), [0, 10, 50, 100])
  world.engine.stop()
})

test('a waiting attempt starts when another dial needs it as its first', async t => {
  const world = engineWorld(eager, { 6: { connects: 10 } }, { slots: { node: 4 } })
  await dialSilent(world, { peers: 1, addresses: 2 })
  await world.clock.advance(100)
  const peer = await newPeer()
  const waiting = world.engine.dial([5, 6].map(n => address(n, peer)), patient())
  await world.clock.advance(200)
  t.is(world.network.attempts.length, 3)

  const joining = world.engine.dial(address(6, peer), { ...patient(), force: true })
  t.is(await world.clock.until(joining), await waiting)
  t.is(world.clock.now(), 310)
  world.engine.stop()
})

test('a waiting attempt does not start because another of its dial has connected', async t => {
  const world = engineWorld(eager, { 5: { connects: 200 } }, { slots: { node: 3 } })
  await dialSilent(world, { peers: 1, addresses: 2 })
  await world.clock.advance(100)
  await world.clock.until(world.engine.dial([5, 6].map(n => address(n)), patient()))
  await settled()

  t.is(world.network.attempts.length, 3)
  world.engine.stop()
})

interface Run extends SlotRun {
  readonly taker: SlotTaker
  end (): void
}

function dialing (): SpeculatingDial {
  return { attempts: new Set(), isDemoted: false }
}

/** Slots, and attempts that run until they are ended */
function bench (init: SlotsInit): { slots: Slots, started: string[], begin (id: string, dial: SpeculatingDial, more?: Partial<SlotRunInit>): Run } {
  const slots = slotsOf(init)
  const started: string[] = []

  return {
    slots,
    started,
    begin: (id, dial, more = {}) => {
      const taker: SlotTaker = { dials: [dial], isInFlight: false }
      let end = (): void => {}
      slots.speculation.join(taker, dial)
      const run = runInSlots(slots, { peer: id, taker, ...more }, async () => {
        started.push(id)
        await new Promise<void>(resolve => { end = resolve })
      })

      return { ...run, taker, end: () => { end() } }
    }
  }
}

test('speculative attempts start by priority, also one that is raised while it waits', async t => {
  const { started, begin } = bench({ node: 3 })
  const dials = Array.from({ length: 5 }, dialing)
  const firsts = dials.slice(0, 1).map((dial, i) => begin(`first ${i}`, dial))
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(id => begin(id, dials[0] as SpeculatingDial, id === 'c' ? { priority: 75 } : {})) as [Run, Run, Run, Run]
  await settled()
  t.deepEqual(started, ['first 0', 'a'])
  d.ticket.raisePriority(100)

  for (const run of [a, d, c, b, ...firsts]) {
    run.end()
    await run.ended
    await settled()
  }

  t.deepEqual(started, ['first 0', 'a', 'd', 'c', 'b'])
})

test('a speculative attempt that aborts while waiting takes no slot', async t => {
  const { started, begin } = bench({ node: 3 })
  const [dial, leaving] = [dialing(), new AbortController()]
  const [first, a] = [begin('first', dial), begin('a', dial)]
  const b = begin('b', dial, { signal: leaving.signal })
  const c = begin('c', dial)
  await settled()
  leaving.abort(new Error('left'))
  await t.throwsAsync(b.ended, { message: 'left' })
  a.end()
  await settled()
  t.deepEqual(started, ['first', 'a', 'c'])
  c.end()
  first.end()
  await Promise.all([first.ended, a.ended, c.ended])
})

test('an attempt that aborts as it gets its slot passes it to the next', async t => {
  const { slots, started, begin } = bench({ node: 3 })
  const [dial, leaving] = [dialing(), new AbortController()]
  const [first] = [begin('first', dial), begin('a', dial)]
  const b = begin('b', dial, { signal: leaving.signal })
  begin('c', dial)
  await settled()
  leaving.abort(new Error('left'))
  slots.speculation.quit(b.taker, dial)
  slots.speculation.quit(first.taker, dial)
  await t.throwsAsync(b.ended, { message: 'left' })
  t.deepEqual(started, ['first', 'a', 'c'])
})

test('a waiting speculative attempt starts at once when it becomes another dial\'s first attempt', async t => {
  const { started, begin } = bench({ node: 3 })
  const dial = dialing()
  const runs = [begin('first', dial), begin('a', dial), begin('b', dial)]
  await settled()
  t.deepEqual(started, ['first', 'a'])
  runs[2]?.ticket.charge()
  await settled()
  t.deepEqual(started, ['first', 'a', 'b'])
  runs.forEach(({ end }) => { end() })
  await Promise.all(runs.map(async ({ ended }) => ended))
})

test('an attempt whose connection the dial discards frees its slot for a first attempt', async t => {
  const { slots, started, begin } = bench({ node: 3 })
  const dial = dialing()
  const [first, a] = [begin('first', dial), begin('a', dial)]
  await settled()
  first.end()
  await first.ended
  a.end()
  await a.ended
  // both have connected, so later attempts are speculative
  const [b, c] = [begin('b', dial), begin('c', dial)]
  await settled()
  t.deepEqual(started, ['first', 'a', 'b'])
  slots.speculation.quit(first.taker, dial)
  await settled()
  t.deepEqual(started, ['first', 'a', 'b'])
  slots.speculation.quit(a.taker, dial)
  await settled()
  // b is now the first attempt, and leaves the slot for speculative attempts
  t.deepEqual(started, ['first', 'a', 'b', 'c'])
  b.end()
  c.end()
  await Promise.all([b.ended, c.ended])
})

for (const [init, before, after] of [[{}, 63, 70], [{ node: 62 }, 62, 62]] as const) {
  test(`changing maxParallelDials changes the slots from ${before} to ${after} with slots ${JSON.stringify(init)}`, async t => {
    const slots = slotsOf(init, 3)
    const started: number[] = []
    const run = (n: number): void => {
      runInSlots(slots, { peer: `${n}` }, async () => {
        started.push(n)
        await new Promise(() => {})
      })
    }
    Array.from({ length: 100 }, (_, n) => { run(n) })
    await settled()
    t.is(started.length, before)
    slots.maxParallelDials = 10
    await settled()
    t.is(started.length, after)
  })
}

test('after a dial discards its connection, its next attempt counts as first', async t => {
  const world = engineWorld(eager, { 11: { connects: 5 } }, { slots: { node: 4 } })
  // takes the only slot for speculative attempts
  await dialSilent(world, { peers: 1, addresses: 2 })
  await world.clock.advance(50)
  const peer = await newPeer()
  const picky = eager.after('race', verify(async () => { throw new Error('not this one') }))
  world.engine.dial([11, 12, 13].map(n => address(n, peer)), { ...patient(), pipeline: picky }).catch(() => {})
  await world.clock.advance(100)

  t.deepEqual(world.network.dialled.slice(2), [address(11), address(12)].map(String))
  world.engine.stop()
})

import test from 'ava'
import { pace, pipeline } from '../../../src/pipeline/index.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { race } from '../../../src/stages/race.ts'
import { settled } from '../../../src/testing/virtual-clock.ts'
import { address } from '../../helpers/address.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import { runInSlots, slotsOf } from './slot-run.ts'
import type { SlotRun } from './slot-run.ts'
import type { Script } from '../../../src/testing/scripted-network.ts'

const eager = pipeline(fromCaller(), pace('eager', race => race.lastStart + 10), race())

test('attempts to one peer wait for its slots, and their timeout starts when they get one', async t => {
  const peer = await newPeer()
  const mute: Script = { connects: Infinity, firstResponse: 5 }
  const { engine, clock, network } = engineWorld(eager, { 1: mute, 2: mute, 3: mute, 4: { connects: 10 } }, { slots: { peer: 3 } })
  const dial = engine.dial([1, 2, 3, 4].map(n => address(n, peer)), { signal: new AbortController().signal })
  const connection = await clock.until(dial)

  // three attempts are silent after their first response, and each ends after six seconds
  t.deepEqual(network.attempts.map(({ at }) => at), [0, 10, 20, 6_000])
  t.is(connection.remoteAddr.toString(), address(4, peer).toString())
  t.is(clock.pending, 0)
})

test('by default a peer has at most 8 attempts in flight, and other peers do not wait for it', async t => {
  const slots = slotsOf({})
  const started: string[] = []

  for (const peer of 'aaaaaaaaaabb'.split('')) {
    runInSlots(slots, { peer }, async () => {
      started.push(peer)
      await new Promise(() => {})
    })
  }

  await settled()
  t.is(started.join(''), 'aaaaaaaabb')
})

test('node slots limit attempts to all peers together', async t => {
  const [a, b] = await Promise.all([newPeer(), newPeer()])
  const { engine, clock, network } = engineWorld(eager, { 1: { connects: 100 }, 2: { connects: 100 } }, { slots: { node: 1 } })
  await clock.until(Promise.all([engine.dial(address(1, a)), engine.dial(address(2, b))]))

  t.deepEqual(network.attempts.map(({ at }) => at), [0, 100])
})

test('transport slots limit attempts of that transport only', async t => {
  const slots = slotsOf({ transport: { narrow: 1 } })
  const started: string[] = []
  const ends: Array<() => void> = []
  const run = async (id: string, transport: string): Promise<void> => runInSlots(slots, { peer: id, transport }, async () => {
    started.push(id)
    await new Promise<void>(resolve => { ends.push(resolve) })
  }).ended
  const all = [run('a', 'narrow'), run('b', 'narrow'), run('c', 'wide')]
  await settled()
  t.deepEqual(started.toSorted(), ['a', 'c'])
  ends.forEach(end => { end() })
  await settled()
  t.deepEqual(started.toSorted(), ['a', 'b', 'c'])
  ends.forEach(end => { end() })
  await Promise.all(all)
})

test('an attempt that aborts while waiting takes no slot, and a running one keeps its slot until it has ended', async t => {
  const slots = slotsOf({ node: 1 })
  const [first, second, third] = [new AbortController(), new AbortController(), new AbortController()]
  const started: string[] = []
  let end = (): void => {}
  const run = async (id: string, { signal }: AbortController): Promise<void> => runInSlots(slots, { peer: id, signal }, async () => {
    started.push(id)
    await new Promise<void>(resolve => { end = resolve })
  }).ended
  const all = [run('a', first), run('b', second), run('c', third)]
  await settled()
  second.abort(new Error('left'))
  await t.throwsAsync(all[1] as Promise<void>, { message: 'left' })
  // the task ignores its signal, like some transports
  first.abort(new Error('left'))
  await settled()
  t.deepEqual(started, ['a'])
  end()
  await settled()
  t.deepEqual(started, ['a', 'c'])
  end()
  await Promise.all([all[0], all[2]])
})

test('waiting attempts start by priority, also one that is raised', async t => {
  const slots = slotsOf({ node: 1 })
  const started: string[] = []
  let end = (): void => {}
  const run = (id: string, priority: number): SlotRun => runInSlots(slots, { peer: id, priority }, async () => {
    started.push(id)
    await new Promise<void>(resolve => { end = resolve })
  })
  const all = [run('a', 50), run('b', 50), run('c', 75), run('d', 50)]
  await settled()
  all[3]?.ticket.raisePriority(100)

  for (let i = 0; i < 4; i++) {
    end()
    await settled()
  }

  await Promise.all(all.map(async ({ ended }) => ended))
  t.deepEqual(started, ['a', 'd', 'c', 'b'])
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

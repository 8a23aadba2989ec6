// stages whose answers never end and never wait. When one of these tests fails, its process hangs
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { nextTurn } from '../../../src/pipeline/clock.ts'
import { expand, pipeline, source, stage } from '../../../src/pipeline/index.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { race } from '../../../src/stages/race.ts'
import { sequential } from '../../../src/stages/sequential.ts'
import { testDial } from '../../../src/testing/test-dial.ts'
import { address } from '../../helpers/address.ts'
import { engineWorld, world } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import { cand, cands, PEER, tryOut } from '../../testing/try-out.ts'
import type { Candidate, Dial, Work } from '../../../src/pipeline/types.ts'

const same = multiaddr('/ip4/203.0.113.1/tcp/4001')
const numbered = (n: number): typeof same => multiaddr(`/ip4/10.${n >> 16 & 255}.${n >> 8 & 255}.${n & 255}/tcp/4001`)

test('a source that repeats one address for ever is read four times its limit', async t => {
  let reads = 0
  const trial = tryOut(t, source('endless', async function * () {
    while (true) {
      reads++
      yield same
    }
  }, { limit: 10 }))
  trial.give({ candidates: [] })
  await trial.rest()

  t.deepEqual(trial.last?.candidates.map(({ multiaddr }) => multiaddr), [cand(1).multiaddr])
  t.true(trial.last?.value.complete)
  t.true(reads <= 41, `${reads}`)
})

test('source() with an array of 100,000 copies adds one address', async t => {
  const trial = tryOut(t, source('copies', () => [...Array.from({ length: 100_000 }, () => same), numbered(1)]))
  trial.give({ candidates: [] })
  await trial.settle()

  t.is(trial.last?.candidates.length, 1)
})

test('a live source that returns new addresses each time adds at most its limit to a dial', async t => {
  let asked = 0
  const fresh = source('fresh', () => Array.from({ length: 5 }, (_, i) => numbered(++asked * 5 + i)), { limit: 20, live: true })
  const { engine } = engineWorld(pipeline(fresh, sequential(), race()))
  const { transportManager } = engine.components
  let dials = 0
  transportManager.dial = async () => {
    dials++
    throw new Error('refused at once')
  }

  await t.throwsAsync(engine.dial(await newPeer()), { name: 'AggregateError' })
  t.true(dials > 0 && dials <= 20, `${dials}`)
})

for (const [what, answer] of Object.entries<(above: readonly Candidate[], n: number) => Candidate[]>({
  'adds one new candidate': (above, n) => [...above, cand(numbered(n).toString())],
  'replaces its candidate by a new one': (_above, n) => [cand(numbered(n).toString())]
})) {
  test(`a hand-written stage that ${what} each time it is asked adds 1,024 candidates, and the dial ends`, async t => {
    let asked = 0
    const { engine, clock } = engineWorld(pipeline(fromCaller(), stage('growing', () => ({ candidates }) => answer(candidates, ++asked)), sequential(), race()))
    let dials = 0
    engine.components.transportManager.dial = async () => {
      dials++
      throw new Error('refused at once')
    }

    await t.throwsAsync(clock.until(engine.dial(PEER)), { name: 'AggregateError' })
    t.is(dials, 1_024)
    t.is(clock.now(), 0, 'no timeout has ended it')
  })
}

test('a hand-written stage can add 1,024 candidates, and keep any number of listed ones', t => {
  const { components } = world()
  const given = Array.from({ length: 2_000 }, (_, n) => numbered(n))
  const many = Array.from({ length: 100_000 }, (_, n) => cand(numbered(10_000 + n).toString()))
  const { lists, end } = testDial({ components, peerId: PEER })
  const take = lists(source('given', () => given, { limit: 2_000 }), stage('many', () => ({ candidates }) => [...candidates.map(({ id }) => cand(id, { isCertified: true })), ...many]))

  t.is(take().candidates.length, 2_000 + 1_024)
  t.deepEqual(take(true).candidates.map(({ id }) => id), take().candidates.map(({ id }) => id))
  end()
})

test('source() throws for a limit that is not a whole number', t => {
  for (const limit of [Number.NaN, Infinity, -1, 1.5, 'text', null] as number[]) {
    t.throws(() => source('odd', () => [], { limit }), { name: 'InvalidPipelineError', message: /whole number/ })
  }
})

test('an expansion without end is read 1,024 times', async t => {
  let reads = 0
  const trial = tryOut(t, expand('endless', async function * () {
    while (true) {
      yield cand(`/ip4/10.0.${++reads >> 8 & 255}.${reads & 255}/tcp/1`)
    }
  }))
  trial.give({ candidates: cands(1) })
  await trial.rest()

  t.is(trial.last?.candidates.length, 1_024)
  t.true(trial.last?.value.complete)
})

test('an expansion that repeats its candidate for ever is read about 1,024 times', async t => {
  let reads = 0
  const trial = tryOut(t, expand('endless', async function * (one) {
    while (true) {
      reads++
      yield one
    }
  }))
  trial.give({ candidates: cands(1) })
  await trial.rest()

  t.is(trial.last?.candidates.length, 1)
  t.true(trial.last?.value.complete)
  t.true(reads <= 1_030, `${reads}`)
})

test('an expansion into 100,000 candidates keeps 1,024', async t => {
  const trial = tryOut(t, expand('many', () => Array.from({ length: 100_000 }, (_, i) => cand(`/ip4/10.${i >> 16}.${i >> 8 & 255}.${i & 255}/tcp/1`))))
  trial.give({ candidates: cands(1) })
  await trial.settle()

  t.is(trial.last?.candidates.length, 1_024)
})

test('a stage that yields connections for ever lets the event loop turn, and ends with its dial', async t => {
  const endless = stage({
    name: 'endless',
    accepts: ['connections'],
    yields: 'connections',
    run: async function * (connections, dial) {
      dial.linger()

      for await (const connection of connections) {
        while (true) {
          yield connection
        }
      }
    }
  })
  const { engine, clock } = engineWorld(pipeline(fromCaller(), race(), endless), { 1: { connects: 10 } })

  t.is((await clock.until(engine.dial(address(1, await newPeer())))).status, 'open')
  engine.stop()
  await engine.dials.idle()
  t.is(engine.dials.running.size, 0)
})

for (const [what, keepOn] of Object.entries<(dial: Dial, work: Work) => void>({
  'has news whenever it is asked': (_dial, work) => { work.add(Promise.resolve()) },
  'ends a wait whenever it is asked': (_dial, work) => { work.after(1_000).end(); work.add(Promise.resolve()) }
})) {
  test(`a stage that ${what} lets the event loop turn, and its dial can be aborted`, async t => {
    const { engine } = engineWorld(pipeline(fromCaller(), stage('restless', (dial, work) => ({ candidates }) => {
      keepOn(dial, work)

      return candidates
    }), race()))
    const controller = new AbortController()
    const dial = engine.dial(address(2, await newPeer()), { signal: controller.signal })

    nextTurn(() => { controller.abort(new Error('time is over')) })
    await t.throwsAsync(dial, { message: 'time is over' })
    await engine.dials.idle()
    t.is(engine.dials.running.size, 0)
  })

  test(`a stage that ${what} fails the dial after 10,000 times, and the error names it`, async t => {
    let asked = 0
    const { engine } = engineWorld(pipeline(fromCaller(), stage('restless', (dial, work) => ({ candidates }) => {
      asked++
      keepOn(dial, work)

      return candidates
    }), race()))

    await t.throwsAsync(engine.dial(address(2, await newPeer())), { name: 'InvalidStageOutputError', message: 'Stage "restless" never comes to rest: it was asked 10000 times, and nothing was learnt' })
    t.true(asked >= 10_000 && asked <= 10_002, `${asked}`)
  })
}

for (const [what, init] of [
  ['a source', source('long', () => [multiaddr(`/dns4/${'x'.repeat(2_000)}/tcp/1`), same])],
  ['an expansion', expand('long', one => [cand(`/dns4/${'x'.repeat(2_000)}/tcp/1`), one])],
  ['a stage written by hand', stage('long', () => ({ candidates }) => [cand(`/dns4/${'x'.repeat(2_000)}/tcp/1`), ...candidates])]
] as const) {
  test(`an address over 1,024 bytes from ${what} is dropped with the reason, and its text is not kept`, async t => {
    const trial = tryOut(t, init)
    trial.give({ candidates: cands(1) })
    await trial.settle()
    const stories = [...trial.host.story.addresses.values()].filter(({ dropped }) => dropped != null)

    t.deepEqual(trial.last?.candidates.map(({ id }) => id), [cand(1).id])
    t.deepEqual(stories.map(({ dropped }) => dropped?.reason), ['longer than 1024 bytes'])
    t.true(stories.every(({ candidate }) => candidate.id.length < 200 && candidate.multiaddr.toString().length < 200))
  })
}

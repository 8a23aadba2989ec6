// stages whose answers never end, and never wait: a test of these that fails takes the process with it
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { expand, pipeline, source, stage } from '../../src/pipeline/index.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { race } from '../../src/stages/race.ts'
import { sequential } from '../../src/stages/sequential.ts'
import { address, engineWorld, newPeer } from '../helpers/scripted.ts'
import { cand, cands, tryOut } from '../testing/try-out.ts'

const same = multiaddr('/ip4/203.0.113.1/tcp/4001')
const numbered = (n: number): typeof same => multiaddr(`/ip4/10.${n >> 16 & 255}.${n >> 8 & 255}.${n & 255}/tcp/4001`)

test('a source that repeats one address for ever is read four times as often as its limit', async t => {
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

test('an array of 100,000 copies adds one address, and what stands behind them is not read', async t => {
  const trial = tryOut(t, source('copies', () => [...Array.from({ length: 100_000 }, () => same), numbered(1)]))
  trial.give({ candidates: [] })
  await trial.settle()

  t.is(trial.last?.candidates.length, 1)
})

test('a source that answers other addresses each time it is asked adds no more than its limit to a dial', async t => {
  let asked = 0
  const fresh = source('fresh', () => Array.from({ length: 5 }, (_, i) => numbered(++asked * 5 + i)), { limit: 20 })
  const { engine } = engineWorld(pipeline(fresh, sequential(), race()))
  const { transportManager } = engine.components
  let dials = 0
  transportManager.dial = async () => {
    dials++
    throw new Error('refused at once')
  }

  await t.throwsAsync(engine.dial(await newPeer()))
  t.true(dials > 0 && dials <= 20, `${dials}`)
})

test('a source with a limit that is no whole number is refused when it is made: it would read for ever', t => {
  for (const limit of [Number.NaN, Infinity, -1, 1.5, 'text', null] as number[]) {
    t.throws(() => source('odd', () => [], { limit }), { name: 'InvalidPipelineError', message: /whole number/ })
  }
})

test('an expansion that never ends is read 1,024 times', async t => {
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

test('an expansion that repeats its candidate for ever is read 1,024 times', async t => {
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

test('an expansion into an array of 100,000 candidates keeps 1,024', async t => {
  const trial = tryOut(t, expand('many', () => Array.from({ length: 100_000 }, (_, i) => cand(`/ip4/10.${i >> 16}.${i >> 8 & 255}.${i & 255}/tcp/1`))))
  trial.give({ candidates: cands(1) })
  await trial.settle()

  t.is(trial.last?.candidates.length, 1_024)
})

for (const yields of ['candidates', 'connections'] as const) {
  test(`a stage that yields ${yields} for ever without waiting lets the event loop turn, and ends with its dial`, async t => {
    const endless = stage({
      name: 'endless',
      accepts: [yields],
      yields,
      run: async function * (inputs, dial) {
        dial.linger()

        for await (const input of inputs) {
          while (true) {
            yield input
          }
        }
      }
    })
    const stages = yields === 'candidates' ? pipeline(fromCaller(), endless as any, race()) : pipeline(fromCaller(), race(), endless as any)
    const { engine, clock } = engineWorld(stages as any, { 1: { connects: 10 } })
    const controller = new AbortController()
    const dial = engine.dial(address(yields === 'candidates' ? 2 : 1, await newPeer()), { signal: controller.signal })

    if (yields === 'candidates') {
      setTimeout(() => { controller.abort(new Error('time is over')) }, 50)
      await t.throwsAsync(dial, { message: 'time is over' })
    } else {
      t.is((await clock.until(dial)).status, 'open')
      engine.stop()
    }

    await engine.dials.idle()
    t.is(engine.dials.running.size, 0)
  })
}

for (const [what, init] of [
  ['a source', source('long', () => [multiaddr(`/dns4/${'x'.repeat(2_000)}/tcp/1`), same])],
  ['an expansion', expand('long', one => [cand(`/dns4/${'x'.repeat(2_000)}/tcp/1`), one])],
  ['a stage written by hand', stage({
    name: 'long',
    accepts: ['candidates'],
    yields: 'candidates',
    run: async function * (lists) {
      for await (const list of lists) {
        yield { ...list, candidates: [cand(`/dns4/${'x'.repeat(2_000)}/tcp/1`), ...list.candidates] }
      }
    }
  })]
] as const) {
  test(`an address of more than 1,024 bytes that ${what} gives is dropped with the reason, and its text is not kept`, async t => {
    const trial = tryOut(t, init)
    trial.give({ candidates: cands(1) })
    await trial.settle()
    const stories = [...trial.host.story.addresses.values()].filter(({ dropped }) => dropped != null)

    t.deepEqual(trial.last?.candidates.map(({ id }) => id), [cand(1).id])
    t.deepEqual(stories.map(({ dropped }) => dropped?.reason), ['longer than 1024 bytes'])
    t.true(stories.every(({ candidate }) => candidate.id.length < 200 && candidate.multiaddr.toString().length < 200))
  })
}

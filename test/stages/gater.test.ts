import test from 'ava'
import { sleep } from '../../src/pipeline/clock.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { gater } from '../../src/stages/gater.ts'
import { cand, cands, reason, said, short, tryOut } from '../testing/try-out.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

const numberOf = (one: Multiaddr): number => Number(short([one.toString()]))

test('gater() keeps all addresses without a gater', async t => {
  const trial = tryOut(t, gater())
  trial.give({ candidates: cands(1, 2) })
  await trial.settle()
  t.deepEqual(said(trial), ['1 2'])
})

test('gater() drops addresses that the node\'s gater denies, synchronously or not', async t => {
  const trial = tryOut(t, gater(), {
    components: ({ clock }) => ({
      connectionGater: {
        denyDialMultiaddr: one => numberOf(one) > 2
          ? sleep(numberOf(one) * 10, clock, new AbortController().signal).then(() => numberOf(one) === 4)
          : numberOf(one) === 2
      }
    })
  })
  trial.give({ candidates: cands(1, 2, 3, 4) })
  await trial.rest()

  t.is(said(trial)[0], '1 …')
  t.is(said(trial).at(-1), '1 3')
  t.deepEqual([2, 4].map(n => reason(trial, cand(n))), Array(2).fill('denied by connectionGater.denyDialMultiaddr'))
})

test('the gater is asked once about an address in a dial with two gater()', async t => {
  const asked: number[] = []
  const trial = tryOut(t, pipeline(gater(), gater()), {
    components: () => ({ connectionGater: { denyDialMultiaddr: async one => { asked.push(numberOf(one)); return false } } })
  })
  const [a, b] = [cand(1), cand(2)]
  trial.give({ candidates: [a] })
  await trial.settle()
  trial.give({ candidates: [a, b] })
  await trial.settle()
  t.deepEqual(asked, [1, 2])
})

test('gater() drops an address for which the gater throws, with the reason', async t => {
  const error = new Error('Broken')

  for (const denyDialMultiaddr of [() => { throw error }, async () => { throw error }]) {
    const trial = tryOut(t, gater(), { components: () => ({ connectionGater: { denyDialMultiaddr } }) })
    trial.give({ candidates: cands(1) })
    await trial.settle()
    t.is(trial.failure, undefined)
    t.deepEqual(trial.last?.value.candidates, [])
    t.is(trial.host.story.of(cand(1)).dropped?.reason, 'could not be judged: Broken')
  }
})

import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { source } from '../../../src/pipeline/authoring/source.ts'
import { bareAddress, cands, runStage, said } from '../../testing/try-out.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

test('source() adds no more addresses of a promise than its limit', async t => {
  const trial = await runStage(t, source('more', async () => [bareAddress(1), bareAddress(2), bareAddress(3)], { limit: 2 }), [])
  t.is(said(trial).at(-1), '1 2')
})

for (const limit of [undefined, 3]) {
  test(`source() adds at most ${limit ?? 256} addresses and reads no more`, async t => {
    const most = limit ?? 256
    let read = 0
    let ended = false
    const trial = await runStage(t, source('flood', async function * () {
      try {
        while (true) {
          yield multiaddr(`/ip4/203.0.113.1/tcp/${++read}`)
        }
      } finally {
        ended = true
      }
    }, { limit }), cands(1))

    t.is(trial.last?.candidates.length, most + 1)
    t.true(trial.last?.value.complete)
    t.is(read, most)
    t.true(ended)
  })
}

test('the limit of source() counts different addresses', async t => {
  const trial = await runStage(t, source('more', () => [bareAddress(1), bareAddress(1), bareAddress(2), bareAddress(3)], { limit: 2 }), [], { ms: 0 })
  t.deepEqual(said(trial), ['1 2'])
})

test('source() stops reading an iterable that repeats itself after four times its limit', async t => {
  let reads = 0
  const repeating = async function * (): AsyncGenerator<Multiaddr> {
    while (true) {
      reads++
      yield bareAddress(1)
    }
  }
  const trial = await runStage(t, source('more', repeating, { limit: 10 }), [], { from: 'target' })

  t.is(said(trial).at(-1), '1')
  t.is(reads, 40)
})

test('source() throws for an invalid limit', t => {
  for (const limit of [NaN, -1, {} as unknown as number]) {
    t.throws(() => source('more', () => [], { limit }), { name: 'InvalidPipelineError' })
  }
})

import test from 'ava'
import { sleep } from '../../../src/pipeline/clock.ts'
import { filter } from '../../../src/pipeline/authoring/filter.ts'
import { pipeline } from '../../../src/pipeline/pipeline.ts'
import { race } from '../../../src/stages/race.ts'
import { cand, cands, reason, said, short, tryOut } from '../../testing/try-out.ts'
import type { Candidate } from '../../../src/pipeline/types.ts'

test('filter() keeps candidates judged true, and drops the others with the reason', async t => {
  const [a, b, c, d] = [cand(1), cand(2), cand(3), cand(4)]
  const trial = tryOut(t, filter('picky', one => one === a || (one === b ? false : one === d ? '' : 'not wanted')))
  trial.give({ candidates: [a, b, c, d] })
  await trial.settle()

  t.deepEqual(said(trial), ['1'])
  t.deepEqual([a, b, c, d].map(one => reason(trial, one)), [undefined, 'dropped', 'not wanted', 'dropped'])
  t.is(trial.host.story.of(c).dropped?.stage, 'picky')
})

test('filter() judges each candidate object once', async t => {
  const asked: string[] = []
  const [a, b] = [cand(1), cand(2)]
  const trial = tryOut(t, filter('counted', one => {
    asked.push(short([one]))
    return true
  }))
  trial.give({ candidates: [a] })
  trial.give({ candidates: [a, b] })
  trial.target.invalidate()
  await trial.settle()
  t.deepEqual(asked, ['1', '2'])

  // a new candidate of the same address, with other data
  trial.give({ candidates: [cand(1, { isCertified: true }), b] })
  await trial.settle()
  t.deepEqual(asked, ['1', '2', '1'])
})

test('filter() judges concurrently, and passes each candidate on when it is judged', async t => {
  const trial = tryOut(t, filter('slow', (one, dial) => {
    const ms = Number(short([one])) * 100

    return ms === 0 || sleep(ms, dial.clock, dial.signal).then(() => ms !== 200)
  }))
  trial.give({ candidates: cands(3, 0, 1, 2) })
  await trial.rest()

  // in the order of the input, although judged in another
  t.deepEqual(said(trial), ['0 …', '0 1 …', '3 0 1'])
  t.deepEqual(trial.outputs.map(({ at }) => at), [0, 100, 300])
  t.is(reason(trial, cand(2)), 'dropped')
})

test('filter() applies a slow verdict to lists that arrived meanwhile', async t => {
  const a = cand(1)
  let asked = 0
  const trial = tryOut(t, filter('slow', async (_one, dial) => {
    asked++
    await sleep(100, dial.clock, dial.signal)
    return true
  }))
  trial.give({ candidates: [a] })
  await trial.pass(50)
  trial.target.invalidate()
  await trial.pass(50)
  t.is(asked, 1)
  t.deepEqual(said(trial), ['…', '1'])
})

test('filter() keeps its verdict when an attempt fails and when the address is listed again', async t => {
  const [a, b] = [cand(1), cand(2)]
  const trial = tryOut(t, filter('picky', one => one === a || 'not the first'))
  trial.give({ candidates: [a, b] })
  await trial.settle()
  trial.target.invalidate()
  await trial.settle()
  trial.give({ candidates: [b, a] })
  await trial.settle()
  t.deepEqual(said(trial), ['1'])
  t.is(reason(trial, b), 'not the first')
})

test('filter() records a drop at once, while other candidates are still judged', async t => {
  const trial = tryOut(t, filter('slow', one => short([one]) === '2' ? 'not that one' : new Promise<never>(() => {})))
  trial.give({ candidates: cands(1, 2), complete: false })
  await trial.settle()
  t.deepEqual(said(trial), ['…'])
  t.is(reason(trial, cand(2)), 'not that one')
  t.is(reason(trial, cand(1)), undefined)
})

for (const nonsense of [undefined, null, 1, {}, Promise.resolve('not really')]) {
  const isPromise = nonsense instanceof Promise

  test(`filter() fails the dial with an error that names the stage for an answer of ${isPromise ? 'a promise of undefined' : String(nonsense)}`, async t => {
    const trial = tryOut(t, filter('silly', () => (isPromise ? Promise.resolve(undefined) : nonsense) as any))
    trial.give({ candidates: cands(1) })
    await trial.settle()

    t.is(trial.failure?.error.name, 'InvalidStageOutputError')
    t.regex(trial.failure?.error.message, /"silly" answered .* for \/ip4\/203.0.113.1/)
  })
}

for (const thrown of [new Error('Broken'), 'text', null, undefined]) {
  const breaks = ({ id }: Candidate): boolean => {
    if (id.includes('203.0.113.1/')) {
      throw thrown as Error
    }

    return true
  }

  test(`filter() drops only the address whose judge throws ${String(thrown)}, synchronously or not`, async t => {
    for (const judge of [breaks, async (candidate: Candidate) => breaks(candidate)]) {
      const trial = tryOut(t, filter('broken', judge))
      const [bad, good] = cands(1, 2) as [Candidate, Candidate]
      trial.give({ candidates: [bad, good] })
      await trial.settle()

      t.is(trial.failure, undefined)
      t.deepEqual(trial.last?.value.candidates, [good])
      t.regex(trial.host.story.of(bad).dropped?.reason ?? '', /^could not be judged: (Broken|Rejected with ('text'|null|undefined))$/)
    }
  })
}

test('filter() drops each address when one judge throws and another rejects later', async t => {
  const trial = tryOut(t, filter('broken', ({ id }, dial) => {
    if (id.includes('203.0.113.1/')) {
      return sleep(20, dial.clock, dial.signal).then(() => { throw new Error('lookup service down') })
    }

    throw new TypeError('bug')
  }))
  trial.give({ candidates: cands(1, 2) })
  await trial.pass(30)

  t.is(trial.failure, undefined)
  t.deepEqual(trial.last?.value.candidates, [])
  t.true(trial.last?.value.complete)
})

test('a verdict that arrives after the dial has ended is not recorded', async t => {
  const trial = tryOut(t, filter('late', async (_one, { clock }) => sleep(100, clock, new AbortController().signal).then(() => 'too late')))
  trial.give({ candidates: [cand(1)] })
  await trial.settle()
  trial.leave()
  await trial.pass(100)
  t.is(reason(trial, cand(1)), undefined)
})

test('the judge of filter() can read the dial and the node', async t => {
  const trial = tryOut(t, filter('curious', (_one, dial) => dial.target.peerId != null && dial.node.settings.maxPeerAddrsToDial === 25))
  trial.give({ candidates: cands(1) })
  await trial.settle()
  t.deepEqual(said(trial), ['1'])
})

test('an attempted address that a filter drops afterwards does not count as dropped', async t => {
  const trial = tryOut(t, pipeline(filter('later', (one, dial) => !dial.tried(one) || 'tried'), race()))
  trial.script(cands(1), { refuses: 10 })
  trial.give({ candidates: cands(1) })
  await trial.pass(100)
  trial.give({ candidates: [cand(1, { isCertified: true })] })
  await trial.rest()
  t.like(trial.host.story.addresses.get(cand(1).id), { dropped: undefined, attempts: { length: 1 } })
})

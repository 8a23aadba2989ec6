import { inspect } from 'node:util'
import test from 'ava'
import { stage } from '../../../src/pipeline/authoring/stage.ts'
import { pipeline } from '../../../src/pipeline/pipeline.ts'
import { race } from '../../../src/stages/race.ts'
import { cand, dialled, reason, runStage, said, tryOut } from '../../testing/try-out.ts'
import type { List } from '../../../src/pipeline/types.ts'

const LEFT_OUT = 'left out of a complete list: work.drop() says why, work.add() or work.after() that it waits'
const [a, b] = [cand(1), cand(2)]
const mapped = (answer: (list: List) => any) => stage('by-hand', () => answer)

test('a candidate omitted from a complete answer counts as dropped until it is back', async t => {
  let most = 1
  const trial = tryOut(t, pipeline(mapped(({ candidates }) => candidates.slice(0, most)), race()))
  trial.script([a], { refuses: 100 })
  trial.give({ candidates: [a, b] })
  await trial.settle()
  t.deepEqual(trial.host.story.of(b).dropped, { stage: 'by-hand', reason: LEFT_OUT })
  most = 2
  await trial.pass(100)
  t.is(reason(trial, b), undefined)
})

test('work.drop() records the reason and cause', async t => {
  const cause = new Error('Because')
  const trial = await runStage(t, stage('by-hand', (_dial, work) => () => {
    work.drop(b, 'not that one', cause)

    return [a]
  }), [a, b], { ms: 0 })
  t.like(trial.host.story.of(b).dropped, { stage: 'by-hand', reason: 'not that one' })
  t.is(trial.host.story.of(b).dropped?.cause?.cause, cause)
})

for (const why of [undefined, null, '']) {
  test(`work.drop() records no reason for ${inspect(why)}`, async t => {
    const trial = await runStage(t, stage('by-hand', (_dial, work) => ({ candidates }) => {
      // `any`: a wrong value on purpose, which the check at run time refuses
      candidates.forEach(one => { work.drop(one, why as any) })

      return []
    }), [a], { ms: 0 })
    t.is(reason(trial, a), 'dropped')
  })
}

test('a candidate omitted while work is pending does not count as dropped', async t => {
  const trial = await runStage(t, stage('by-hand', (_dial, work) => {
    const open = work.after(100)

    return ({ candidates }) => open.done ? candidates : []
  }), [a], { ms: 0 })
  t.is(reason(trial, a), undefined)
  t.deepEqual(said(trial), ['…'])
  await trial.pass(100)
  t.is(reason(trial, a), undefined)
  t.deepEqual(said(trial), ['…', '1'])
})

test('a candidate omitted from an incomplete list does not count as dropped', async t => {
  const trial = tryOut(t, mapped(() => []))
  trial.give({ candidates: [a], complete: false })
  await trial.settle()
  t.is(reason(trial, a), undefined)
  trial.give({ candidates: [a] })
  await trial.settle()
  t.is(reason(trial, a), LEFT_OUT)
})

test('a candidate whose place another one takes counts as dropped', async t => {
  const trial = await runStage(t, mapped(({ candidates }) => candidates.map(one => one === b ? cand(3) : one)), [a, b], { ms: 0 })
  t.deepEqual(said(trial), ['1 3'])
  t.is(reason(trial, b), LEFT_OUT)
})

test('an attempted candidate that is omitted does not count as dropped', async t => {
  const trial = await runStage(t, pipeline(stage('untried', dial => ({ candidates }) => candidates.filter(one => !dial.tried(one))), race()), [a, b], { script: { refuses: 10 } })
  t.deepEqual(dialled(trial), ['1 @0', '2 @10'])
  t.deepEqual([a, b].map(one => reason(trial, one)), [undefined, undefined])
})

test('work.became() records an expansion, and not a drop', async t => {
  const trial = await runStage(t, stage('by-hand', (_dial, work) => ({ candidates }) => candidates.flatMap(one => {
    if (one === a) {
      work.became(a, [b])
    }

    return one === a ? [b] : [one]
  })), [a], { ms: 0 })
  t.deepEqual(said(trial), ['2'])
  t.deepEqual(trial.host.story.of(a).expanded, { stage: 'by-hand', into: [b.id] })
  t.is(reason(trial, a), undefined)
})

import test from 'ava'
import { stage } from '../../../src/pipeline/authoring/stage.ts'
import { describeValue } from '../../../src/pipeline/describe-value.ts'
import { pipeline } from '../../../src/pipeline/pipeline.ts'
import { race } from '../../../src/stages/race.ts'
import { thenable } from '../../helpers/thenable.ts'
import { cand, runStage, said, tryOut } from '../../testing/try-out.ts'
import type { Work } from '../../../src/pipeline/types.ts'

const [a, b] = [cand(1), cand(2)]

for (const [what, say, words] of [
  ['drop() without a candidate', work => { work.drop() }, 'has dropped undefined where a candidate was expected'],
  ['drop() of the id of a candidate', work => { work.drop(a.id, 'bad') }, `has dropped '${a.id}' where a candidate was expected`],
  ['drop() for what is no text', work => { work.drop(a, new Error('bad')) }, `has dropped ${a.id} for Error: bad: a reason is a text`],
  ['became() without a candidate', work => { work.became() }, 'has replaced undefined where a candidate was expected'],
  ['became() of one candidate', work => { work.became(a, b) }, `has replaced ${a.id} with ${describeValue(b)} where an array of candidates was expected`],
  ['became() of a text', work => { work.became(a, ['b']) }, `has replaced ${a.id} with 'b' where a candidate was expected`]
] as ReadonlyArray<[string, (work: any) => void, string]>) {
  test(`work.${what} ends the dial with an error that names the stage`, async t => {
    const trial = await runStage(t, stage('by-hand', (_dial, work) => ({ candidates }) => {
      say(work)

      return candidates
    }), [a])
    t.is(trial.failure?.error.name, 'InvalidStageOutputError')
    t.is(trial.failure?.error.message, `Stage "by-hand" ${words}`)
  })
}

for (const [what, use] of Object.entries<(work: any) => void>({
  'waits for NaN': work => { work.after(Number.NaN) },
  'waits for \'soon\'': work => { work.after('soon') },
  'asks for undefined': work => { work.at(undefined) },
  'has added undefined to its work': work => { work.add(undefined) },
  'gave 250 as a timing rule': work => { work.pace(250) },
  'gave undefined as a timing rule': work => { work.hold() }
})) {
  test(`the dial fails when a stage ${what}`, async t => {
    const trial = await runStage(t, pipeline(stage('by-hand', (_dial, work) => {
      use(work)

      return ({ candidates }) => candidates
    }), race()), [a], { ms: 0 })
    t.is(trial.failure?.error.name, 'InvalidStageOutputError')
    t.true(trial.failure?.error.message.startsWith(`Stage "by-hand" ${what}`), trial.failure?.error.message)
  })
}

for (const method of ['pace', 'hold'] as const) {
  for (const [when, use] of Object.entries<(work: Work, register: () => void) => (() => void) | undefined>({
    'in its answer': (_work, register) => register,
    'after a promise': (work, register) => {
      work.add(Promise.resolve().then(register))

      return undefined
    }
  })) {
    test(`the dial fails when a stage calls work.${method}() ${when}`, async t => {
      const trial = await runStage(t, pipeline(stage('late', (_dial, work) => {
        const answering = use(work, () => { work[method](() => 0) })

        return ({ candidates }) => {
          answering?.()

          return candidates
        }
      }), race()), [a], { ms: 0 })
      t.is(trial.failure?.error.name, 'InvalidStageOutputError')
      t.is(trial.failure?.error.message, `Stage "late" has called work.${method}() after its begin had returned: register the rule in begin, and let the rule read what the stage learns later`)
    })
  }
}

test('work.add() of a promise that rejects fails the dial with its error', async t => {
  const error = new Error('Broken')
  const trial = tryOut(t, pipeline(stage('by-hand', (_dial, work) => {
    work.add(Promise.reject(error))

    return ({ candidates }) => candidates
  }), race()))
  trial.give({ candidates: [a], complete: false })
  await trial.settle()
  t.is(trial.failure?.error, error)
})

test('work.add() counts a thenable once that settles twice', async t => {
  const trial = await runStage(t, stage('by-hand', (_dial, work) => {
    work.add(thenable({ value: (settle: () => void) => { settle(); settle() } }) as Promise<never>)

    return ({ candidates }) => candidates
  }), [a], { ms: 0 })
  t.deepEqual(said(trial), ['1'])
})

test('pending work ends with its part of the dial', async t => {
  let timer: { done: boolean, end (): void } | undefined
  const trial = await runStage(t, stage('by-hand', (dial, work) => {
    timer = work.after(1_000)
    work.at(dial.clock.now() + 2_000)

    return ({ candidates }) => candidates
  }), [a], { ms: 0 })
  t.is(trial.clock.pending, 2)
  trial.leave()
  await trial.settle()
  t.is(trial.clock.pending, 0)
  t.false(timer?.done)
})

test('work.at() asks again at that time, and leaves the list complete', async t => {
  let asked = 0
  const trial = await runStage(t, stage('by-hand', (dial, work) => {
    work.at(dial.clock.now() + 100)

    return ({ candidates }) => {
      asked++

      return candidates.slice(0, asked)
    }
  }), [a, b], { ms: 0 })
  t.deepEqual(said(trial), ['1'])
  await trial.pass(100)
  t.deepEqual(said(trial), ['1', '1 2'])
})

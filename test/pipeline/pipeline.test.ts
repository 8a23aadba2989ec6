import test from 'ava'
import { checkConnects } from '../../src/dialer/dials/pipelines.ts'
import { fallback } from '../../src/pipeline/combinators/fallback.ts'
import { filter } from '../../src/pipeline/authoring/filter.ts'
import { pipeline, pipelineOf } from '../../src/pipeline/pipeline.ts'
import { rank } from '../../src/pipeline/authoring/rank.ts'
import { source } from '../../src/pipeline/authoring/source.ts'
import { stage } from '../../src/pipeline/authoring/stage.ts'
import { converge } from '../../src/stages/converge.ts'
import { race } from '../../src/stages/race.ts'
import { cands, said, tryOut } from '../testing/try-out.ts'
import type { AnyStage, DialPipeline } from '../../src/pipeline/types.ts'

const store = source('store', () => [])
const keep = filter('keep', () => true)
const byName = rank('by-name', () => 0)
const names = ({ stages }: { stages: readonly AnyStage[] }): string[] => stages.map(({ name }) => name)

test('a pipeline accepts what its first stage does, and yields what its last does', t => {
  const { name, accepts, yields, options } = pipeline(store, keep, race())
  t.is(name, 'pipeline')
  t.deepEqual(accepts, { target: true, candidates: true })
  t.is(yields, 'connections')
  t.deepEqual(options, [])
})

test('a pipeline reads the options of all its stages', t => {
  const reads = (...options: string[]) => stage('reads', () => ({ candidates }) => candidates, { options })
  t.deepEqual(pipeline(store, reads('a'), pipeline(reads('b', 'c'))).options, ['a', 'b', 'c'])
})

test('a pipeline is frozen', t => {
  const one = pipeline(store, keep)
  t.true(Object.isFrozen(one))
  t.true(Object.isFrozen(one.stages))
  t.throws(() => { (one as any).stages = [] }, { name: 'TypeError' })
})

test('perNode state is made once for each node, also when the stage stands twice', async t => {
  let made = 0
  const counted = stage('counted', (_dial, _work, asked) => ({ candidates }) => {
    asked.push(candidates.length)

    return candidates
  }, { perNode: (): number[] => {
    made++

    return []
  } })
  const whole = pipeline(counted, pipeline(keep, counted))

  for (let node = 1; node <= 2; node++) {
    const trial = tryOut(t, whole)
    trial.give({ candidates: cands(1, 2) })
    await trial.settle()
    trial.target.invalidate()
    await trial.settle()
    t.deepEqual(said(trial), ['1 2'])
    t.is(made, node)
  }
})

test('replace(), before(), after() and without() return another pipeline', t => {
  const one = pipeline(store, keep, race())
  t.deepEqual(names(one.replace('keep', byName)), ['store', 'by-name', 'race'])
  t.deepEqual(names(one.before('keep', byName)), ['store', 'by-name', 'keep', 'race'])
  t.deepEqual(names(one.after('keep', byName)), ['store', 'keep', 'by-name', 'race'])
  t.deepEqual(names(one.without('keep')), ['store', 'race'])
  t.deepEqual(names(one), ['store', 'keep', 'race'])
})

test('edits can be chained', t => {
  const one = pipeline(store, keep, race()).replace('keep', byName).after('by-name', keep).after('race', converge()).without('by-name')
  t.deepEqual(names(one), ['store', 'keep', 'race', 'converge'])
  t.is(one.yields, 'connections')
})

for (const edit of ['replace', 'before', 'after', 'without'] as const) {
  const stages = edit === 'without' ? [] : [byName]

  test(`${edit}() throws for an unknown name, and lists the names`, t => {
    t.throws(() => (pipeline(store, keep) as any)[edit]('kepe', ...stages), {
      name: 'InvalidPipelineError',
      message: 'There is no stage "kepe" in this pipeline: did you mean "keep"? It has: store, keep'
    })
  })

  test(`${edit}() throws for a name that stands twice, and says where`, t => {
    t.throws(() => (pipeline(store, keep, byName, keep) as any)[edit]('keep', ...stages), {
      name: 'InvalidPipelineError',
      message: 'There are 2 stages "keep" in this pipeline (2, 4), so the name does not say which'
    })
  })
}

test('an edit throws when it breaks the order', t => {
  const one = pipelineOf([store, keep, race()])
  t.throws(() => one.after('race', keep as any), { name: 'InvalidPipelineError', message: 'The pipeline cannot be put together: stage 4 "keep" needs candidates, but stands below "race", which yields connections' })
  t.throws(() => one.replace('keep', race() as any), { name: 'InvalidPipelineError', message: /stage 3 "race" needs candidates, but stands below "race", which yields connections/ })
  t.throws(() => pipelineOf([keep]).without('keep'), { name: 'InvalidPipelineError', message: /the only stage/ })
})

test('the error of pipelineOf() lists each fault with stage and position', t => {
  const factory = race

  t.throws(() => pipelineOf([store, converge(), race(), keep, factory as any, undefined as any, 'race' as any]), {
    name: 'InvalidPipelineError',
    message: [
      'The pipeline cannot be put together: stage 2 "converge" needs connections, but stands below "store", which yields candidates',
      'stage 3 "race" needs candidates, but stands below "converge", which yields connections',
      'stage 4 "keep" needs candidates, but stands below "race", which yields connections',
      'stage 5 is a factory, not a stage: call it as race()',
      'stage 6 is not a stage (undefined)',
      "stage 7 is not a stage ('race')"
    ].join('; ')
  })
})

test('pipelineOf() throws for no stages', t => {
  t.throws(() => pipelineOf([]), { name: 'InvalidPipelineError', message: 'The pipeline cannot be put together: it has no stages' })
})

test('the error names all inputs that a misplaced stage accepts', t => {
  t.throws(() => pipelineOf([race(), store]), { message: /stage 2 "store" needs target or candidates, but stands below "race"/ })
})

test('a pipeline does not follow changes of the list that it was made from', t => {
  const list: AnyStage[] = [store, keep]
  const one = pipelineOf(list)
  list.pop()
  t.deepEqual(names(one), ['store', 'keep'])
})

test('a pipeline from another copy of the package throws, as a stage and as the pipeline of a dialer', t => {
  const foreign: DialPipeline = Object.freeze({ ...fallback(pipeline(store, race())) })
  const expected = { name: 'InvalidPipelineError', message: /was made with another copy of libp2p-dial-pipeline: install one version only/ }

  t.throws(() => pipelineOf([store, foreign]), expected)
  t.throws(() => { checkConnects(foreign) }, expected)
})

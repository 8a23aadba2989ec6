import test from 'ava'
import { certifiedFirst } from '../../presets/certified-first.ts'
import { certifiedOnly } from '../../presets/certified-only.ts'
import { staggered } from '../../presets/staggered.ts'
import { filter } from '../../src/pipeline/authoring/filter.ts'
import { source } from '../../src/pipeline/authoring/source.ts'
import { stage } from '../../src/pipeline/authoring/stage.ts'
import { pipeline, pipelineOf } from '../../src/pipeline/pipeline.ts'
import { bans } from '../../src/stages/bans.ts'
import { certified } from '../../src/stages/certified.ts'
import { dialable } from '../../src/stages/dialable.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { gater } from '../../src/stages/gater.ts'
import { provenance } from '../../src/stages/provenance.ts'
import { race } from '../../src/stages/race.ts'
import { take } from '../../src/stages/take.ts'
import type { AnyStage } from '../../src/pipeline/types.ts'

const edited: any = staggered()
const list = 'from-caller, from-known, from-routing, resolve, provenance, dialable, gater, libp2p-order, take, stagger, race'

for (const [what, edit, message] of [
  ['after with two stages', () => edited.after('resolve', bans(), certified()), 'after() takes 2 arguments, and was given the stage "certified" beside them'],
  ['before with three stages', () => edited.before('take', bans(), certified(), provenance()), 'before() takes 2 arguments, and was given the stage "certified" beside them'],
  ['replace with two stages', () => edited.replace('take', bans(), certified()), 'replace() takes 2 arguments, and was given the stage "certified" beside them'],
  ['after with options behind the stage', () => edited.after('resolve', certified(), { forRelays: false }), 'after() takes 2 arguments, and was given an object with forRelays beside them'],
  ['without with two names', () => edited.without('gater', 'take'), 'without() takes 1 argument, and was given \'take\' beside it'],
  ['without with something behind the name', () => edited.without('gater', bans()), 'without() takes 1 argument, and was given the stage "bans" beside it'],
  ['after without a stage', () => edited.after('resolve'), 'after() needs the stage to put in: write .after(\'resolve\', …)'],
  ['replace without a stage', () => edited.replace('take'), 'replace() needs the stage to put in: write .replace(\'take\', …)'],
  ['after without a name', () => edited.after(provenance()), `after() needs the name of a stage first, not the stage "provenance": write .after('…', …). The pipeline has: ${list}`],
  ['replace without anything', () => edited.replace(), `replace() needs the name of a stage first, not undefined: write .replace('…', …). The pipeline has: ${list}`],
  ['without with an array', () => edited.without(['gater', 'take']), `without() needs the name of a stage first, not an array of 2: write .without('…'). The pipeline has: ${list}`]
] as const) {
  test(`${what} throws`, t => {
    t.throws(edit, { name: 'InvalidPipelineError', message })
  })
}

test('a pipeline can be inserted as one stage', t => {
  t.deepEqual(certifiedOnly().after('gater', pipeline(bans(), certified())).stages.map(({ name }) => name), ['from-known', 'from-caller', 'certified', 'provenance', 'dialable', 'gater', 'pipeline', 'libp2p-order', 'take', 'stagger', 'race'])
})

const nested = pipeline('dial', fromCaller(), pipeline('known', dialable(), pipeline('inner', gater())), race())
const namesIn = (stages: readonly AnyStage[]): unknown[] => stages.map(one => 'stages' in one ? [one.name, ...namesIn(one.stages as AnyStage[])] : one.name)

for (const [what, edited, names] of [
  ['after', nested.after('known/dialable', bans()), ['from-caller', ['known', 'dialable', 'bans', ['inner', 'gater']], 'race']],
  ['before, two pipelines down,', nested.before('known/inner/gater', bans()), ['from-caller', ['known', 'dialable', ['inner', 'bans', 'gater']], 'race']],
  ['replace', nested.replace('known/dialable', bans()), ['from-caller', ['known', 'bans', ['inner', 'gater']], 'race']],
  ['without', nested.without('known/inner'), ['from-caller', ['known', 'dialable'], 'race']]
] as const) {
  test(`${what} reaches a nested pipeline as name/stage, and pipelines keep their names`, t => {
    t.is(edited.name, 'dial')
    t.deepEqual(namesIn(edited.stages), names)
  })
}

test('the error of an edit in a nested pipeline names that pipeline', t => {
  t.throws(() => nested.without('known/inner/gater'), { name: 'InvalidPipelineError', message: '"known/inner/gater" is the only stage of its pipeline, and none would be left: take out that pipeline, or .replace(\'known/inner/gater\', …)' })
  t.throws(() => pipeline(pipeline('pol', filter('a', () => true)), bans()).without('pol/a'), { message: '"pol/a" is the only stage of its pipeline, and none would be left: take out that pipeline, or .replace(\'pol/a\', …)' })
  t.throws(() => nested.replace('known/dialable', race() as any), { message: 'The pipeline "known" cannot be put together: stage 2 "inner" needs candidates, but stands below "race", which yields connections' })
  t.throws(() => nested.without('known/take' as any), { message: 'There is no stage "known/take" in the pipeline "known". It has: known/dialable, known/inner (known/inner/gater)' })
  t.throws(() => nested.without('take' as any), { message: 'There is no stage "take" in this pipeline. It has: from-caller, known (known/dialable, known/inner (known/inner/gater)), race' })
  t.throws(() => pipeline(pipeline('a', gater()), pipeline('a', bans())).without('a/gater'), { message: 'There are 2 stages "a" in this pipeline (1, 2), so the name does not say which' })
})

test('pipelineOf() accepts a name', t => {
  const edited = pipelineOf([fromCaller(), pipelineOf([gater(), bans()], { name: 'judged' }), race()]).without('judged/bans')

  t.deepEqual(namesIn(edited.stages), ['from-caller', ['judged', 'gater'], 'race'])
})

for (const name of ['', '  ', 'a/b'] as const) {
  test(`pipeline() throws for the name '${name}'`, t => {
    t.throws(() => pipeline(name, gater()), { name: 'InvalidPipelineError', message: `pipeline() needs a name without /, not '${name}'` })
  })

  // an edit would take a name with / for the stage of a nested pipeline
  test(`stages throw for the name '${name}'`, t => {
    t.throws(() => filter(name, () => true), { name: 'InvalidPipelineError', message: `filter() needs a name without /, not '${name}'` })
    t.throws(() => source(name, () => []), { name: 'InvalidPipelineError', message: `source() needs a name without /, not '${name}'` })
    t.throws(() => stage(name, () => ({ candidates }) => candidates), { name: 'InvalidPipelineError', message: `stage() needs a name without /, not '${name}'` })
    t.throws(() => stage({ name, accepts: ['connections'], yields: 'connections', run: connections => connections }), { name: 'InvalidPipelineError', message: `stage() needs a name without / as name, not '${name}'` })
  })
}

for (const [what, edited, names] of [
  ['after', staggered().after('resolve', provenance(['user'])).after('gater', provenance()), 'gater, provenance, libp2p-order'],
  ['before', staggered().after('resolve', provenance(['user'])).before('gater', provenance()), 'dialable, provenance, gater'],
  ['after itself', staggered().after('resolve', provenance(['user'])).after('provenance', provenance()), 'resolve, provenance, dialable']
] as const) {
  test(`provenance() inserted in ${what} replaces the existing one`, t => {
    const list = edited.stages.map(({ name }) => name)

    t.is(list.filter(name => name === 'provenance').length, 1)
    t.true(list.join(', ').includes(names), list.join(', '))
  })
}

test('inserting a second take() keeps both', t => {
  t.is(staggered().after('resolve', take(100)).stages.filter(({ name }) => name === 'take').length, 2)
})

test('certifiedFirst() still excludes DCUtR and AutoNAT after provenance() is inserted', t => {
  t.deepEqual(namesIn(certifiedFirst().after('resolve', provenance()).stages).slice(3, 6), ['resolve', 'provenance', ['not-from-remote', 'provenance']])
})

for (const [what, edit, message] of [
  ['a misspelt name', () => edited.replace('stager', bans()), `There is no stage "stager" in this pipeline: did you mean "stagger"? It has: ${list}`],
  ['the name of a factory', () => edited.without('libp2pOrder'), `There is no stage "libp2pOrder" in this pipeline: did you mean "libp2p-order"? It has: ${list}`],
  // `any`: JavaScript callers
  ['a misspelt name in a nested pipeline', () => nested.without('known/inner/gatr' as any), 'There is no stage "known/inner/gatr" in the pipeline "known/inner": did you mean "known/inner/gater"? It has: known/inner/gater'],
  // `any`: as above
  ['a misspelt nested pipeline', () => nested.without('knwon/dialable' as any), 'There is no stage "knwon/dialable" in this pipeline: did you mean "known/dialable"? It has: from-caller, known (known/dialable, known/inner (known/inner/gater)), race'],
  // `any`: as above
  ['a nested stage without its pipeline', () => nested.without('gater' as any), 'There is no stage "gater" in this pipeline: did you mean "known/inner/gater"? It has: from-caller, known (known/dialable, known/inner (known/inner/gater)), race']
] as const) {
  test(`the error for ${what} suggests the name of the stage`, t => {
    t.throws(edit, { name: 'InvalidPipelineError', message })
  })
}

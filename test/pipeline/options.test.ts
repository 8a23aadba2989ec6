import test from 'ava'
import { checkOptions, declareOptions, isStageOption } from '../../src/pipeline/options.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { stage } from '../../src/pipeline/stage.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'

const moody = stage({ name: 'moody', accepts: ['candidates'], yields: 'candidates', options: ['mood'], run: source => source })

test('an option that a stage of the pipeline reads is passed', t => {
  t.notThrows(() => { checkOptions({ mood: 'good' }, pipeline(fromCaller(), moody)) })
})

test('an option that no stage of the pipeline reads is an error, never ignored', t => {
  t.throws(() => { checkOptions({ mood: 'good' }, fromCaller()) }, { name: 'UnsupportedDialOptionError', message: 'No stage of this pipeline reads the option "mood". It reads none' })
  declareOptions(['zest'])
  t.throws(() => { checkOptions({ zest: 1 }, pipeline(fromCaller(), moody)) }, { name: 'UnsupportedDialOptionError', message: 'No stage of this pipeline reads the option "zest". It reads: mood' })
})

test('libp2p\'s own options, and those of transports, mean what they mean', t => {
  t.notThrows(() => { checkOptions({ priority: 1, force: true, signal: undefined, whatever: 1 }, fromCaller()) })
})

test('an option that is not set is none', t => {
  t.notThrows(() => { checkOptions({ mood: undefined }, fromCaller()) })
})

test('a stage makes the options known that it reads', t => {
  t.true(isStageOption('mood'))
  t.true(isStageOption('provenance'))
  t.false(isStageOption('priority'))
})

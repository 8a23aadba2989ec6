import test from 'ava'
import { checkDialOptions } from '../../src/pipeline/check-dial-options.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { stage } from '../../src/pipeline/stage.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'

const moody = pipeline(fromCaller(), stage({ name: 'moody', accepts: ['candidates'], yields: 'candidates', options: ['mood'], run: source => source }))

test('a dial option that a stage of the pipeline reads passes', t => {
  t.notThrows(() => { checkDialOptions({ mood: 'good' }, moody) })
})

test('a dial option that only another pipeline of the node reads is refused', t => {
  t.throws(() => { checkDialOptions({ mood: 'good' }, fromCaller(), ['mood']) }, { name: 'UnsupportedDialOptionError', message: 'No stage of this pipeline reads the option "mood". It reads none' })
  t.throws(() => { checkDialOptions({ zest: 1 }, moody, ['mood', 'zest']) }, { name: 'UnsupportedDialOptionError', message: 'No stage of this pipeline reads the option "zest". It reads: mood' })
})

test('the dial option "provenance" is refused by a pipeline that does not read it, on every node', t => {
  t.throws(() => { checkDialOptions({ provenance: ['certified'] }, moody) }, { name: 'UnsupportedDialOptionError', message: /reads the option "provenance"/ })
  t.throws(() => { checkDialOptions({ provenance: null }, moody) }, { name: 'UnsupportedDialOptionError' })
})

test('options of libp2p and of services pass', t => {
  t.notThrows(() => { checkDialOptions({ priority: 1, force: true, signal: undefined, path: {}, maxOutboundStreams: 5, whatever: 1 }, moody) })
})

test('an undefined option is as good as absent', t => {
  t.notThrows(() => { checkDialOptions({ mood: undefined, moody: undefined }, fromCaller(), ['mood']) })
})

for (const name of ['moood', 'mod', 'mooc', 'omod', 'provenence', 'pipelines']) {
  test(`a dial option "${name}", one edit from one that is read, is refused, and that one is named`, t => {
    t.throws(() => { checkDialOptions({ [name]: 1 }, moody) }, { name: 'UnsupportedDialOptionError', message: new RegExp(`^There is no dial option "${name}": did you mean "(mood|provenance|pipeline)"\\?$`) })
  })
}

test('a dial option two edits from one that is read passes', t => {
  t.notThrows(() => { checkDialOptions({ moonb: 1 }, moody) })
})

test('a dial option with the letters of one that is read, in another order, passes', t => {
  t.notThrows(() => { checkDialOptions({ doom: 1 }, moody) })
})

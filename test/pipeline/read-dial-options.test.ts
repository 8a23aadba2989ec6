import { runInNewContext } from 'node:vm'
import test from 'ava'
import { filter } from '../../src/pipeline/authoring/filter.ts'
import { readDialOptions } from '../../src/pipeline/dial-options.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { stage } from '../../src/pipeline/authoring/stage.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { provenance } from '../../src/stages/provenance.ts'
import type { AnyStage } from '../../src/pipeline/types.ts'

const read = (options: object, ...more: [AnyStage, string[]?]): object => readDialOptions(options, ...more)
const moody = pipeline(fromCaller(), stage('moody', () => ({ candidates }) => candidates, { options: ['mood'] }))

const picky = pipeline(fromCaller(), provenance())

test('a dial option that a stage of the pipeline reads is accepted', t => {
  t.notThrows(() => { read({ mood: 'good' }, moody) })
})

test('a dial option that only another pipeline reads throws', t => {
  t.throws(() => { read({ mood: 'good' }, fromCaller(), ['mood']) }, { name: 'UnsupportedDialOptionError', message: 'No stage of this pipeline reads the option "mood": give a stage of it options: [\'mood\'], or pass a pipeline with one that has. The pipeline reads none' })
  t.throws(() => { read({ zest: 1 }, moody, ['mood', 'zest']) }, { name: 'UnsupportedDialOptionError', message: /"zest": .* The pipeline reads: mood$/ })
})

test('the dial option "provenance" throws when the pipeline does not read it', t => {
  t.throws(() => { read({ provenance: ['certified'] }, moody) }, { name: 'UnsupportedDialOptionError', message: /reads the option "provenance": put the stage provenance\(\) into it, above the race and below resolve\(\)\. The pipeline reads: mood$/ })
  t.throws(() => { read({ provenance: null }, moody) }, { name: 'UnsupportedDialOptionError' })
})

test('options of libp2p and of its services are accepted', t => {
  t.notThrows(() => { read({ priority: 1, force: true, signal: undefined, path: {}, maxOutboundStreams: 5, whatever: 1 }, moody) })
})

test('an undefined option counts as absent', t => {
  t.notThrows(() => { read({ mood: undefined, moody: undefined }, fromCaller(), ['mood']) })
})

for (const name of ['moood', 'mod', 'mooc', 'omod', 'provenence', 'pipelines']) {
  test(`a dial option "${name}", one edit from a known one, throws and suggests it`, t => {
    t.throws(() => { read({ [name]: 1 }, moody) }, { name: 'UnsupportedDialOptionError', message: new RegExp(`^There is no dial option "${name}": did you mean "(mood|provenance|pipeline)"\\?$`) })
  })
}

test('options that services pass on are accepted beside similar declared ones', t => {
  const handedOn = ['path', 'isSelfQuery', 'useCache', 'useNetwork', 'validate', 'negotiateFully', 'maxOutboundStreams', 'providers', 'offset', 'length', 'offline', 'peerId', 'host', 'method']
  const near = pipeline(fromCaller(), filter('near', () => true, { options: [...handedOn.map(name => `${name}s`), 'Path', 'USECACHE'] }))

  for (const name of handedOn) {
    t.notThrows(() => { read({ [name]: 1 }, near) }, name)
  }

  t.throws(() => { read({ pathz: 1 }, near) }, { message: /did you mean "paths"/ })
})

test('a dial option two edits from a known one is accepted', t => {
  t.notThrows(() => { read({ moonb: 1 }, moody) })
})

test('a dial option that is an anagram of a known one is accepted', t => {
  t.notThrows(() => { read({ doom: 1 }, moody) })
})

test('inherited, class and non-enumerable options are read like own ones', t => {
  const { signal } = new AbortController()
  class Careful {
    readonly mood: string
    constructor (mood: string) { this.mood = mood }
    get signal (): AbortSignal { return signal }
  }

  t.like(read(Object.create({ mood: 'good', force: true }), moody), { mood: 'good', force: true })
  t.deepEqual({ ...read(new Careful('good'), moody) }, { mood: 'good', signal })
  t.deepEqual({ ...read(Object.defineProperty({ priority: 1 }, 'mood', { value: 'good' }), moody) }, { mood: 'good', priority: 1 })
  t.throws(() => { read(Object.create({ mood: 'good' }), fromCaller(), ['mood']) }, { message: /reads the option "mood"/ })

  for (const misspelt of [Object.create({ moood: 'good' }), new (class { get moood () { return 1 } })(), Object.defineProperty({}, 'moood', { value: 1 })]) {
    t.throws(() => { read(misspelt, moody) }, { message: /did you mean "mood"/ })
  }
})

test('an options object with own properties only is not copied', t => {
  const options = { mood: 'good', signal: new AbortController().signal }
  t.is(read(options, moody), options)
})

class List extends Array<string> {}
const elsewhere = (): string[] => runInNewContext('[\'user\']')
const gotten = elsewhere()

for (const [what, passed] of Object.entries<any>({
  'an array': ['user'],
  'an array of a subclass': List.from(['user']),
  'an array of another realm': elsewhere(),
  'an object with an array of a subclass': { include: List.from(['user']) },
  'an object that inherits its array': Object.create({ include: ['user'] }),
  'an object with a getter': new (class { get include () { return gotten } })()
})) {
  test(`a provenance option that is ${what} is copied and frozen`, t => {
    const { provenance } = read({ provenance: passed }, picky) as { provenance: { include: string[] } }
    const sources: string[] = passed.include ?? passed
    sources.push('dht')
    t.teardown(() => { sources.pop() })

    t.deepEqual(provenance, { include: ['user'] })
    t.true(Object.isFrozen(provenance))
    t.throws(() => provenance.include.push('dht'), { instanceOf: TypeError })
  })
}

test('a provenance option of more than 256 sources throws', t => {
  const sources = (length: number): string[] => Array.from({ length }, (_, i) => `tracker ${i}`)

  t.notThrows(() => { read({ provenance: { include: sources(256), exclude: sources(256) } }, picky) })
  t.throws(() => { read({ provenance: sources(257) }, picky) }, { name: 'InvalidParametersError', message: 'The dial option "provenance" needs an array of at most 256 sources, not an array of 257' })
  t.throws(() => { read({ provenance: { exclude: sources(257) } }, picky) }, { message: /sources as exclude, not/ })
  t.throws(() => provenance(sources(257)), { name: 'InvalidPipelineError', message: /^provenance\(\) needs an array of at most 256 sources/ })
})

test('a provenance option whose getter changes keeps the checked value', t => {
  let reads = 0
  const changing = new Proxy(['user'], { get: (target, key) => key === '0' && reads++ > 0 ? 'dht' : Reflect.get(target, key) })

  t.deepEqual(read({ provenance: changing }, picky), { provenance: { include: ['user'] } })
})

for (const [what, options, meant] of [
  ['in other letters', { PROVENANCE: ['user'] }, '"provenance"'],
  ['without its name', { include: ['user'] }, '{ provenance: { include: […] } }'],
  ['without its name', { exclude: ['dht'] }, '{ provenance: { exclude: […] } }'],
  ['as an array', ['certified'], "an object of options, such as { provenance: ['user'] }"]
] as const) {
  test(`a provenance option passed ${what} throws: ${JSON.stringify(options)}`, t => {
    t.throws(() => { read(options, picky) }, { name: 'UnsupportedDialOptionError', message: new RegExp(`: did you mean ${meant.replace(/[[{(})\]]/g, '\\$&')}\\?$`) })
  })
}

test('a provenance option without include and exclude throws, and the error says how to accept all', t => {
  t.throws(() => { read({ provenance: JSON.parse(JSON.stringify({ include: undefined })) }, picky) }, { name: 'InvalidParametersError', message: 'The dial option "provenance" needs include or exclude, not an object with no properties: write { exclude: [] } for every source' })
  t.throws(() => provenance({}), { name: 'InvalidPipelineError', message: /^provenance\(\) needs include or exclude/ })
  t.deepEqual(read({ provenance: { exclude: [] } }, picky), { provenance: { exclude: [] } })
  t.notThrows(() => provenance())
})

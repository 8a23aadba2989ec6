import test from 'ava'
import { stage } from '../../src/pipeline/authoring/stage.ts'
import { declaredOptions } from '../../src/pipeline/dial-options.ts'
import type { DialPipelineOptions } from '../../src/pipeline/types.ts'

const signal = new AbortController().signal
const options: any = declaredOptions({ signal, force: true, tier: 'gold', secret: 1, path: {} } as DialPipelineOptions, 'by-tier', ['tier'])

test('a stage can read libp2p\'s options and those it declares', t => {
  t.is(options.force, true)
  t.is(options.tier, 'gold')
  t.is(options.priority, undefined)
})

for (const [how, read] of Object.entries<() => unknown>({
  'reads it': () => options.secret,
  'destructures it': () => { const { secret } = options; return secret },
  'asks with "in"': () => 'secret' in options,
  'asks with Object.hasOwn()': () => Object.hasOwn(options, 'secret'),
  'reads one that was not passed': () => options.absent
})) {
  test(`an undeclared option throws when a stage ${how}, with the line to add`, t => {
    t.throws(read, { name: 'InvalidPipelineError', message: /^Stage "by-tier" reads the dial option "(secret|absent)", which it does not declare\. Add to the stage: options: \['tier', '(secret|absent)'\]$/ })
  })
}

test('copies and keys of the options have only those that may be read', t => {
  t.deepEqual({ ...options }, { force: true, tier: 'gold' })
  t.deepEqual(Reflect.ownKeys(options), ['force', 'tier'])
  t.is(JSON.stringify(options), '{"force":true,"tier":"gold"}')
})

test('the signal is hidden from the options of a stage', t => {
  t.is(options.signal, undefined)
  t.false('signal' in options)
  t.throws(() => stage('impatient', () => ({ candidates }) => candidates, { options: ['signal'] }), { name: 'InvalidPipelineError' })
})

test('then, toJSON and symbols of the options are undefined, and Object\'s methods work', async t => {
  t.is(options.then, undefined)
  t.is(options.toJSON, undefined)
  t.is(options[Symbol.iterator], undefined)
  t.is(options[Symbol.toPrimitive], undefined)
  t.is(await options, options)
  t.is(String(options), '[object Object]')
})

test('the options of a stage cannot be changed', t => {
  t.throws(() => { options.tier = 'none' }, { instanceOf: TypeError })
  t.throws(() => { options.other = 1 }, { name: 'InvalidPipelineError' })
  t.throws(() => { delete options.tier }, { instanceOf: TypeError })
})

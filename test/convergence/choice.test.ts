import test from 'ava'
import { Choice } from '../../src/convergence/choice.ts'
import { preferenceOf } from '../../src/convergence/preference.ts'
import { known } from './known.ts'

const MINUTE = 60_000

test('the first stays until one is better by what it is, which counts at once', t => {
  const choice = new Choice<string>(preferenceOf(['tcp', 'ws']))
  const limited = known('limited', { isLimited: true, isRelayed: true })
  const relayed = known('relayed', { isRelayed: true })
  const ws = known('ws', { transport: 'ws' })
  const tcp = known('tcp', { transport: 'tcp' })
  t.is(choice.update([limited], 0), 'limited')
  t.is(choice.update([limited, relayed], 0), 'relayed')
  t.is(choice.update([limited, relayed, ws], 0), 'ws')
  t.is(choice.update([tcp, limited, ws, relayed], 0), 'tcp')
  t.is(choice.update([limited, relayed], 0), 'relayed')
  t.is(choice.update([], 0), undefined)
})

test('transports do not count where no order names them', t => {
  const choice = new Choice<string>(preferenceOf([]))
  t.is(choice.update([known('ws', { transport: 'ws' })], 0), 'ws')
  t.is(choice.update([known('ws', { transport: 'ws' }), known('quic', { transport: 'quic-v1' })], 0), 'ws')
})

test('transports in an order of the user', t => {
  const choice = new Choice<string>(preferenceOf(['ws', 'tcp']))
  t.is(choice.update([known('quic', { transport: 'quic-v1' }), known('tcp', { transport: 'tcp' }), known('ws', { transport: 'ws' })], 0), 'ws')
})

test('a faster one is taken when it has been faster by a fifth for half a minute', t => {
  const choice = new Choice<string>(preferenceOf([]))
  const slow = known('slow', { rtt: 100 })
  t.is(choice.update([slow], 0), 'slow')
  t.is(choice.update([slow, known('fast', { rtt: 81 })], 1), 'slow')
  t.is(choice.update([slow, known('fast', { rtt: 80 })], 2), 'slow')
  t.is(choice.update([slow, known('fast', { rtt: 80 })], 30_001), 'slow')
  t.is(choice.update([slow, known('fast', { rtt: 80 })], 30_002), 'fast')
})

test('one that was not faster at one look begins anew', t => {
  const choice = new Choice<string>(preferenceOf([]))
  const slow = known('slow', { rtt: 100 })
  choice.update([slow], 0)
  choice.update([slow, known('fast', { rtt: 50 })], 0)
  choice.update([slow, known('fast', { rtt: 90 })], 20_000)
  choice.update([slow, known('fast', { rtt: 50 })], 30_000)
  t.is(choice.update([slow, known('fast', { rtt: 50 })], 59_999), 'slow')
  t.is(choice.update([slow, known('fast', { rtt: 50 })], 60_000), 'fast')
})

test('a few milliseconds are none, and what was not measured is not compared', t => {
  const choice = new Choice<string>(preferenceOf([]))
  choice.update([known('a', { rtt: 6 })], 0)
  choice.update([known('a', { rtt: 6 }), known('b', { rtt: 2 }), known('c')], 0)
  t.is(choice.update([known('a', { rtt: 6 }), known('b', { rtt: 2 }), known('c')], MINUTE), 'a')
})

test('how fast it is never outweighs what it is', t => {
  const choice = new Choice<string>(preferenceOf([]))
  const both = [known('direct', { rtt: 500 }), known('relayed', { rtt: 1, isRelayed: true })]
  choice.update(both, 0)
  t.is(choice.update(both, 10 * MINUTE), 'direct')
})

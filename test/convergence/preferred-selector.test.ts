import test from 'ava'
import { PreferredSelector } from '../../src/convergence/preferred-selector.ts'
import { preferenceOf } from '../../src/convergence/preference.ts'
import { info } from './info.ts'

const MINUTE = 60_000

test('the first connection is kept until one of a better kind opens, which is taken immediately', t => {
  const selector = new PreferredSelector<string>(preferenceOf(['tcp', 'ws']))
  const limited = info('limited', { isLimited: true, isRelayed: true })
  const relayed = info('relayed', { isRelayed: true })
  const ws = info('ws', { transport: 'ws' })
  const tcp = info('tcp', { transport: 'tcp' })
  t.is(selector.update([limited], 0), 'limited')
  t.is(selector.update([limited, relayed], 0), 'relayed')
  t.is(selector.update([limited, relayed, ws], 0), 'ws')
  t.is(selector.update([tcp, limited, ws, relayed], 0), 'tcp')
  t.is(selector.update([limited, relayed], 0), 'relayed')
  t.is(selector.update([], 0), undefined)
})

test('transports are ignored without an order', t => {
  const selector = new PreferredSelector<string>(preferenceOf([]))
  t.is(selector.update([info('ws', { transport: 'ws' })], 0), 'ws')
  t.is(selector.update([info('ws', { transport: 'ws' }), info('quic', { transport: 'quic-v1' })], 0), 'ws')
})

test('transports are compared by the given order', t => {
  const selector = new PreferredSelector<string>(preferenceOf(['ws', 'tcp']))
  t.is(selector.update([info('quic', { transport: 'quic-v1' }), info('tcp', { transport: 'tcp' }), info('ws', { transport: 'ws' })], 0), 'ws')
})

test('a connection 20 % faster for 30 s is taken when it answers', t => {
  const selector = new PreferredSelector<string>(preferenceOf([]))
  const slow = info('slow', { rtt: 100 })
  t.is(selector.update([slow], 0), 'slow')
  t.is(selector.update([slow, info('fast', { rtt: 81 })], 1), 'slow')
  t.is(selector.update([slow, info('fast', { rtt: 80 })], 2), 'slow')
  t.is(selector.update([slow, info('fast', { rtt: 80 })], 30_001), 'slow')
  t.false(selector.isDue)
  t.is(selector.update([slow, info('fast', { rtt: 80 })], 30_002), 'slow')
  t.true(selector.isDue)
  t.is(selector.update([slow, { ...info('fast', { rtt: 80 }), answeredAt: 30_001 }], 30_003), 'slow')
  t.is(selector.update([slow, { ...info('fast', { rtt: 80 }), answeredAt: 30_002 }], 30_003), 'fast')
  t.false(selector.isDue)
})

test('takes the fastest of several connections that are 20 % faster', t => {
  for (const rtts of [[70, 50, 60], [50, 70, 60]]) {
    const selector = new PreferredSelector<string>(preferenceOf([]))
    const all = [info('slow', { rtt: 100 }), ...rtts.map(rtt => info(`${rtt} ms`, { rtt }))]
    selector.update(all.slice(0, 1), 0)
    selector.update(all, 0)
    t.is(selector.update(all.map(({ connection, facts }) => ({ connection, facts, answeredAt: 30_000 })), 30_000), '50 ms')
  }
})

test('the 30 s start again when the connection was not faster at one look', t => {
  const selector = new PreferredSelector<string>(preferenceOf([]))
  const slow = info('slow', { rtt: 100 })
  selector.update([slow], 0)
  selector.update([slow, info('fast', { rtt: 50 })], 0)
  selector.update([slow, info('fast', { rtt: 90 })], 20_000)
  selector.update([slow, info('fast', { rtt: 50 })], 30_000)
  t.is(selector.update([slow, { ...info('fast', { rtt: 50 }), answeredAt: 59_999 }], 59_999), 'slow')
  t.is(selector.update([slow, { ...info('fast', { rtt: 50 }), answeredAt: 60_000 }], 60_000), 'fast')
})

test('a difference of a few milliseconds and an unmeasured connection are ignored', t => {
  const selector = new PreferredSelector<string>(preferenceOf([]))
  selector.update([info('a', { rtt: 6 })], 0)
  selector.update([info('a', { rtt: 6 }), info('b', { rtt: 2 }), info('c')], 0)
  t.is(selector.update([info('a', { rtt: 6 }), info('b', { rtt: 2 }), info('c')], MINUTE), 'a')
})

test('a faster relayed connection never replaces a direct one', t => {
  const selector = new PreferredSelector<string>(preferenceOf([]))
  const both = [info('direct', { rtt: 500 }), info('relayed', { rtt: 1, isRelayed: true })]
  selector.update(both, 0)
  t.is(selector.update(both, 10 * MINUTE), 'direct')
})

import { fc, testProp } from '@fast-check/ava'
import { ADDRESSES, NAMES, Pair } from './pair.ts'
import type { ConvergenceInit } from '../../src/pipeline/convergence-init.ts'
import type { Action } from './pair.ts'

const side = fc.constantFrom<0 | 1>(0, 1)
const nth = fc.nat(20)

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ type: fc.constant('open' as const), by: side, to: fc.nat(ADDRESSES.length - 1), isLimited: fc.boolean(), delay: fc.constantFrom(0, 1, 50, 500), isOfDial: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('stream' as const), at: side, nth, background: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('finish' as const), nth }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('close' as const), at: side, nth }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('rtt' as const), at: side, nth, rtt: fc.nat(500) }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('mute' as const), at: side, nth, how: fc.constantFrom('answers' as const, 'slow' as const, 'hangs' as const, 'fails' as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('toggle' as const), at: side }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('full' as const), at: side, isFull: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('release' as const), at: side, nth }) },
  { weight: 5, arbitrary: fc.record({ type: fc.constant('wait' as const), ms: fc.constantFrom(0, 1, 100, 999, 1_000, 2_000, 5_000, 30_000, 61_000) }) }
)

const order = fc.option(fc.shuffledSubarray(['quic-v1', 'tcp', 'ws'] as const), { nil: undefined })
const init: fc.Arbitrary<ConvergenceInit> = fc.record({ order, idle: fc.constantFrom(0, 100, 30_000) }, { requiredKeys: ['idle'] })

testProp('random events between two nodes never close a used or last connection, and leave one', [fc.array(action, { minLength: 1, maxLength: 60 }), init, init], async (t, actions, one, two) => {
  const pair = new Pair([one, two])

  for (const action of actions) {
    await pair.do(action)
  }

  await pair.calm()
  t.deepEqual(pair.faults, [])
  const open = pair.links.filter(({ ends }) => ends.every(({ status }) => status === 'open'))
  t.true(open.length <= 1, `${open.length} are left`)

  for (const [at, node] of pair.nodes.entries()) {
    node.changes.forEach(({ connection, previous }, i) => {
      t.not(connection, previous)
      t.not(connection, i > 0 ? node.changes[i - 1]?.connection : undefined)
    })
    t.is(node.preferred(NAMES[1 - at])?.status, open.length === 0 ? undefined : 'open')
    node.convergence.stop()
  }

  t.is(pair.clock.pending, 0)
  pair.links.forEach(({ ends }) => { ends.forEach(end => { t.is(end.newStream.name, 'newStream') }) })
}, { numRuns: 300 })

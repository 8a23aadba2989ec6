import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { staggered } from '../../../presets/index.ts'
import { simulatedNetwork, simulatedNode } from '../../../src/testing/index.ts'
import type { SimulatedPeer } from '../../../src/testing/index.ts'

const { addresses, ...rest } = simulatedNetwork({ addresses: [{ transport: 'tcp', roundTrip: 100 }], spread: 1e-9 }).peer(1)
const name = multiaddr('/dnsaddr/peer.example')
const named = (...known: string[]): SimulatedPeer => ({
  ...rest,
  addresses: known.map(one => ({ multiaddr: multiaddr(one), script: 'silent' })),
  names: [{ multiaddr: name, after: 400, addresses }]
})

test('a simulated name resolves to its addresses after its time', async t => {
  const { connected, winner, time, trace } = await simulatedNode(staggered()).dial(named())
  t.true(connected)
  t.true(winner?.startsWith(`${addresses[0]?.multiaddr.toString()}/p2p/`))
  t.is(Math.round(time), 400 + 309)
  t.deepEqual(trace.candidates.flatMap(({ verdicts }) => verdicts.map(({ stage, verdict }) => [stage, verdict])), [['resolve', 'expanded']])
})

test('a name that no simulated peer has does not resolve', async t => {
  const { connected, trace } = await simulatedNode(staggered()).dial(named('/dnsaddr/other.example'))
  t.true(connected)
  t.deepEqual(trace.candidates.flatMap(({ verdicts }) => verdicts.flatMap(one => one.verdict === 'dropped' ? one.reason : [])), ['could not be resolved: no such name'])
})

test('a simulated dial has a trace, which is not enumerable', async t => {
  const dial = await simulatedNode(staggered()).dial(named())
  t.is(dial.trace.outcome, 'connected')
  t.is(dial.trace.connection?.address, dial.winner)
  t.is(dial.trace.settledAt, dial.time)
  t.false(Object.keys(dial).includes('trace'))
})

for (const [what, names] of [['no list', 3], ['no address', [{ multiaddr: name, after: 1 }]], ['no time', [{ multiaddr: name, addresses }]], ['no name', [{ after: 1, addresses }]], ['nothing', [null]]] as const) {
  test(`dial() of a simulated peer with invalid names throws: ${what}`, async t => {
    await t.throwsAsync(simulatedNode(staggered()).dial({ ...named(), names: names as any }), { name: 'InvalidPipelineError', message: /^dial\(\) needs a simulated peer, not / })
  })
}

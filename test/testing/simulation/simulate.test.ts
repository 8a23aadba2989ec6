import test from 'ava'
import { adaptive, staggered, stock } from '../../../presets/index.ts'
import { simulate, simulatedNetwork, simulatedNode } from '../../../src/testing/index.ts'
import { dose } from '../../support/dose.ts'
import type { DialPipeline } from '../../../src/index.ts'
import type { SimulatedDial, SimulateInit } from '../../../src/testing/index.ts'

const stale = simulatedNetwork({ addresses: [{ transport: 'tcp', count: 4, good: 0.4, refuses: 0.3 }, { transport: 'quic', good: 0.7 }], online: 0.7, jitter: 0.2, loss: 0.02 })

async function dials (pipeline: DialPipeline, init: Partial<SimulateInit> = {}): Promise<SimulatedDial[]> {
  const all: SimulatedDial[] = []

  for await (const dial of simulate(pipeline, { network: stale, peers: dose(30, 10), ...init })) {
    all.push(dial)
  }

  return all
}

const textOf = (dials: readonly SimulatedDial[]): string => JSON.stringify(dials.map(({ peer, ...dial }) => ({ peer: peer.id.toString(), ...dial })))
/** Returns the total time of the dials that connected */
const timeOf = (dials: readonly SimulatedDial[]): number => dials.filter(({ connected }) => connected).reduce((sum, { time }) => sum + time, 0)

for (const knows of ['nothing', 'others', 'peers'] as const) {
  test(`a simulation of nodes that know ${knows} is reproducible`, async t => {
    const first = textOf(await dials(adaptive(), { knows }))
    t.is(textOf(await dials(adaptive(), { knows })), first)
    t.not(textOf(await dials(adaptive(), { knows, network: simulatedNetwork({ addresses: [{ transport: 'tcp', count: 4, good: 0.4 }], seed: 2 }) })), first)
  })
}

test('a simulation in parts at multiples of 20 peers equals the whole', async t => {
  for (const knows of ['nothing', 'others', 'peers'] as const) {
    const first = dose(40, 20)
    const whole = await dials(adaptive(), { knows, peers: first + 5 })
    const parts = [await dials(adaptive(), { knows, peers: first }), await dials(adaptive(), { knows, peers: 5, first })]
    t.is(textOf(parts.flat()), textOf(whole))
  }
})

test('each pipeline meets the same peers at the same times, whatever its nodes know', async t => {
  const met = (dials: readonly SimulatedDial[]): string => JSON.stringify(dials.map(({ peer: { id, addresses, limit } }) => [id.toString(), limit, addresses.map(({ script }) => script)]))
  const first = met(await dials(stock()))
  t.is(met(await dials(adaptive())), first)
  t.is(met(await dials(adaptive(), { knows: 'others' })), first)
  t.is(met(await dials(adaptive(), { knows: 'peers' })), first)
})

test('a node that dialled the peers before connects sooner than a new one', async t => {
  const nothing = timeOf(await dials(adaptive()))
  const peers = timeOf(await dials(adaptive(), { knows: 'peers' }))
  t.true(peers < nothing, `${peers} after ${nothing}`)
})

test('a simulated dial has the time of its connection and of each attempt', async t => {
  const network = simulatedNetwork({ addresses: [{ transport: 'tcp', good: 0 }, { transport: 'tcp', roundTrip: 100 }], spread: 1e-9 })
  const [dial] = await dials(staggered(), { network, peers: 1 })
  t.is(Math.round(dial?.time ?? NaN), 250 + 309)
  t.is(dial?.connected, true)
  t.is(dial?.directTime, dial?.time)
  t.deepEqual(dial?.attempts.map(({ at }) => at), [0, 250])
})

test('an offline peer is dialled for 6 to 10 s', async t => {
  const network = simulatedNetwork({ addresses: [{ transport: 'tcp' }, { transport: 'tcp' }], online: 0 })
  const [dial] = await dials(staggered(), { network, peers: 1 })
  t.is(dial?.connected, false)
  t.is(dial?.directTime, undefined)
  t.is(dial?.peer.limit, Infinity)
  t.true((dial?.time ?? 0) >= 6_000 && (dial?.time ?? Infinity) <= 10_000, `${dial?.time}`)
})

test('a relayed connection becomes direct when its peer upgrades', async t => {
  for (const upgrades of [0, 1]) {
    const network = simulatedNetwork({ addresses: [{ transport: 'relay', roundTrip: 100 }], spread: 1e-9, roundTrip: 50, upgrades })
    const [dial] = await dials(staggered(), { network, peers: 1, options: { runOnLimitedConnection: true } })
    t.is(Math.round(dial?.time ?? NaN), 1_122)
    t.is(dial?.directTime == null ? undefined : Math.round(dial.directTime), upgrades === 1 ? 1_422 : undefined)
  }
})

test('a simulated node keeps its history between dials, and closes its connections', async t => {
  const network = simulatedNetwork({ addresses: [{ transport: 'quic', good: 0 }, { transport: 'tcp' }], roundTrip: 20, spread: 1e-9 })
  const node = simulatedNode(adaptive())
  const first = await node.dial(network.peer(0))
  await node.clock.advance(60_000)
  const second = await node.dial(network.peer(0, 1))
  t.true(first.attempts.length > 1)
  t.is(second.attempts.length, 1)
  t.true(node.history.online(first.peer.id) > 0.75)
})

test('a wrong dial option rejects the dial, and does not count against the peer', async t => {
  await t.throwsAsync(simulatedNode(stock()).dial(stale.peer(0), { priority: 'high' as any }), { name: 'InvalidParametersError' })
})

test('a simulated node dials one peer at a time, and only simulated peers', async t => {
  const node = simulatedNode(stock())
  const dial = node.dial(stale.peer(0))
  await t.throwsAsync(node.dial(stale.peer(1)), { name: 'InvalidPipelineError', message: /needs the dial before to have ended/ })
  await dial
  t.true((await node.dial(stale.peer(1))).attempts.length > 0)

  for (const wrong of [undefined, stale.peer(0).id, { id: stale.peer(0).id, addresses: [{}] }]) {
    await t.throwsAsync(node.dial(wrong as any), { name: 'InvalidPipelineError', message: /^dial\(\) needs a simulated peer, not / })
  }
})

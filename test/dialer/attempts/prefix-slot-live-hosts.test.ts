import test from 'ava'
import { newPeer } from '../../helpers/signing-peer.ts'
import { at, flooded, patient, startsOf } from '../flooded.ts'
import { dialReported } from './reported-dial.ts'
import type { EngineWorld } from '../../helpers/scripted.ts'

/** Dials a new address in the victim's network at each interval, from the nth on */
async function keepComing (node: EngineWorld, from: number, interval: number): Promise<void> {
  const peers = await Promise.all(Array.from({ length: 400 }, newPeer))
  const next = (n: number): void => {
    const peer = peers[n - from]

    if (peer != null) {
      dialReported(node, at(n), peer).catch(() => {})
      node.clock.setTimeout(() => { next(n + 1) }, interval)
    }
  }
  next(from)
}

test('a live host connects within seconds although 60 silent ones of its network were dialled first', async t => {
  const node = flooded()
  await node.flood(60)
  const peer = await newPeer()
  node.network.script(at(60).toString(), { connects: 20 })
  await node.clock.until(node.engine.dial(peer, patient()))
  const first = node.clock.now()
  await node.clock.advance(1_000)
  node.network.script(at(61).toString(), { connects: 20 })
  await node.clock.until(node.engine.dial(await newPeer(), patient()))

  t.is(first, 8 * 325 + 20, 'eight rounds: one of the eight slots is for attempts that have left theirs')
  t.true(node.clock.now() - first - 1_000 < 6_000, 'a later address goes before addresses that have had a slot')
  node.engine.stop()
})

test('hosts that accept connections and then stay silent do not block others of their network', async t => {
  const node = flooded()
  Array.from({ length: 60 }, (_, n) => { node.network.script(at(n).toString(), { firstResponse: 20, connects: 60_000 }) })
  await node.flood(60)
  await node.clock.advance(1_000)
  node.network.script(at(60).toString(), { connects: 50 })
  await node.clock.until(node.engine.dial(await newPeer(), patient()))

  t.is(node.clock.now(), 1_050)
  node.engine.stop()
})

test('a hundred hosts of one network with round trips of 400 ms all connect within the dial timeout', async t => {
  const node = flooded()
  Array.from({ length: 100 }, (_, n) => { node.network.script(at(n).toString(), { firstResponse: 400, connects: 1_600 }) })
  const peers = await Promise.all(Array.from({ length: 100 }, newPeer))
  const connections = await node.clock.until(Promise.all(peers.map(async peer => node.engine.dial(peer))))

  t.is(connections.length, 100)
  node.engine.stop()
})

test('60 hosts of one network that answer after 600 ms all connect', async t => {
  const node = flooded()
  const peers = await Promise.all(Array.from({ length: 60 }, newPeer))
  peers.forEach((_, n) => { node.network.script(at(n).toString(), { connects: 700, firstResponse: 600 }) })
  const dials = await node.clock.until(Promise.allSettled(peers.map(async peer => node.engine.dial(peer))))

  t.true(dials.every(({ status }) => status === 'fulfilled'))
})

for (const [response, interval] of [[250, 30], [400, 60], [600, 200]] as const) {
  test(`a host that answers after ${response} ms connects within 2 s while a silent one is named every ${interval} ms`, async t => {
    const node = flooded()
    node.network.script(at(0).toString(), { connects: response + 50, firstResponse: response })
    await keepComing(node, 1, interval)
    await node.clock.advance(3_000)
    const begin = node.clock.now()
    await node.clock.until(dialReported(node, at(0), await newPeer()))

    t.true(node.clock.now() - begin < 2_000, `${node.clock.now() - begin}`)
    node.engine.stop()
  })
}

test('an attempt that gave up its prefix slot gets it back within 2 s, while silent addresses arrive every 30 ms', async t => {
  const node = flooded()
  node.network.script(at(0).toString(), { connects: 650, firstResponse: 600 })
  const dial = dialReported(node, at(0), await newPeer())
  await keepComing(node, 1, 30)
  await node.clock.until(dial)

  t.is(startsOf(0, node).length, 2)
  t.true(node.clock.now() < 2_000, `${node.clock.now()}`)
  node.engine.stop()
})

import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { newPeer } from '../../helpers/signing-peer.ts'
import { at, flooded, patient, startsOf } from '../flooded.ts'
import { callerOnly } from './reported-dial.ts'
import type { PeerId } from '@libp2p/interface'

/** Dials peers by routing, and after `wait` one of their addresses as the user. Returns the end of that dial in milliseconds */
async function shareAt (n: number, wait: () => Promise<unknown>, node: ReturnType<typeof flooded>, peers: readonly PeerId[]): Promise<number> {
  node.network.script(at(n).toString(), { connects: 700, firstResponse: 600 })
  peers.forEach(peer => { node.engine.dial(peer, patient()).catch(() => {}) })
  await wait()
  const given = at(n).encapsulate(`/p2p/${String(peers[n])}`)
  await node.clock.until(node.engine.dial(given, { ...patient(), pipeline: callerOnly }))

  return node.clock.now()
}

test('an attempt waiting for its prefix slot starts at once when a user-named dial shares it', async t => {
  const node = flooded()
  const peers = await Promise.all(Array.from({ length: 40 }, newPeer))
  const end = await shareAt(30, async () => node.clock.advance(50), node, peers)

  t.deepEqual([startsOf(30, node), end], [[50], 750])
  node.engine.stop()
})

test('an attempt that has started keeps running when a user-named dial shares it', async t => {
  const node = flooded()
  const peers = await Promise.all(Array.from({ length: 40 }, newPeer))
  const end = await shareAt(2, async () => node.clock.advance(50), node, peers)

  t.deepEqual([startsOf(2, node), end], [[0], 700])
  node.engine.stop()
})

test('an attempt that waits for a node slot keeps its prefix slot when a user-named dial shares it', async t => {
  const node = flooded({ slots: { node: 4 } })
  const peers = await Promise.all(Array.from({ length: 12 }, newPeer))
  const busy = new AbortController()

  for (const n of [1, 2, 3, 4]) {
    node.engine.dial(multiaddr(`/ip4/9.9.${n}.1/tcp/1/p2p/${await newPeer()}`), { signal: busy.signal, pipeline: callerOnly }).catch(() => {})
  }

  await node.clock.advance(0)
  node.clock.setTimeout(() => { busy.abort() }, 100)
  const end = await shareAt(0, async () => node.clock.advance(10), node, peers)

  t.deepEqual([startsOf(0, node), end], [[100], 800])
  node.engine.stop()
})

test('an attempt that waits for a turn of the event loop keeps its prefix slot when a user-named dial shares it', async t => {
  for (let ticks = 0; ticks < 80; ticks += 2) {
    const node = flooded()
    const peers = await Promise.all(Array.from({ length: 14 }, newPeer))

    // as many as start in one turn
    for (let n = 0; n < 16; n++) {
      node.engine.dial(multiaddr(`/ip4/9.9.${n}.1/tcp/1/p2p/${await newPeer()}`), { ...patient(), pipeline: callerOnly }).catch(() => {})
    }

    const end = await shareAt(0, async () => {
      for (let tick = 0; tick < ticks; tick++) {
        await Promise.resolve()
      }
    }, node, peers)

    t.deepEqual([startsOf(0, node), end], [[0], 700], `after ${ticks} ticks`)
    node.engine.stop()
  }
})

import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { pipeline } from '../../../src/pipeline/index.ts'
import { peerOf } from '../../../src/pipeline/candidate.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { fromRouting } from '../../../src/stages/from-routing.ts'
import { race } from '../../../src/stages/race.ts'
import { settled } from '../../../src/testing/virtual-clock.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import type { EngineWorld } from '../../helpers/scripted.ts'
import type { DialPipelineOptions } from '../../../src/pipeline/types.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const routed = pipeline(fromCaller(), fromRouting(), race())
const other = pipeline(fromCaller(), fromRouting({ when: 'always' }), race())

/** Returns the address of `peer` behind `relay`, without the relay's own address */
function circuit (relay: PeerId, peer: PeerId): Multiaddr {
  return multiaddr(`/p2p/${relay}/p2p-circuit/p2p/${peer}`)
}

/** Returns the same over WebRTC, by which one relay can be reached through another */
function webRTC (relay: PeerId, peer: PeerId): Multiaddr {
  return multiaddr(`/p2p/${relay}/p2p-circuit/webrtc/p2p/${peer}`)
}

/** A world whose transport dials relays through the engine, like the circuit transport */
function relayed (addressesOf: (peer: PeerId) => Multiaddr[], peers: PeerId[], pass: (options: any) => DialPipelineOptions = options => options): EngineWorld & { relayDials: () => number } {
  const made = engineWorld(routed)
  const { transportManager, peerRouting } = made.components
  let dials = 0

  peerRouting.findPeer = async id => ({ id, multiaddrs: addressesOf(id) })
  transportManager.dial = async (address, options) => {
    dials++
    const relay = peers.find(peer => address.toString().startsWith(`/p2p/${peer}/p2p-circuit`))
    await made.engine.dial(relay as PeerId, pass(options))
    throw new Error(`no reservation at ${peerOf(address)}`)
  }

  return { ...made, relayDials: () => dials }
}

for (const [how, pass] of [['their options', undefined], ['their signal alone', ({ signal }: any) => ({ signal })]] as const) {
  test(`peers that are each other's relays cause bounded attempts and progress events, nested by ${how}`, async t => {
    const [a, b, c] = await Promise.all([newPeer(), newPeer(), newPeer()])
    const peers = [a, b, c]
    const { engine, clock, relayDials } = relayed(id => peers.filter(peer => !peer.equals(id)).map(peer => webRTC(peer, id)), peers, pass)
    const seen = new Map<object, number>()
    const dial = engine.dial(a, { onProgress: event => { seen.set(event, (seen.get(event) ?? 0) + 1) } })

    await t.throwsAsync(clock.until(dial), { name: 'AggregateError' })
    t.true(clock.now() < 2_000, `it took ${clock.now()} ms`)
    t.true(relayDials() <= 12, `${relayDials()} dials`)
    t.true([...seen.values()].every(times => times === 1))
    t.is(engine.dials.pending.size + engine.dials.running.size, 0)
    t.is(clock.pending, 0)
  })
}

test('the nested dial of a relay has the priority of the outer dial', async t => {
  const [a, b] = await Promise.all([newPeer(), newPeer()])
  const { engine, clock, components: { transportManager } } = relayed(id => [id.equals(a) ? webRTC(b, a) : webRTC(a, b)], [a, b])
  const dial = transportManager.dial.bind(transportManager)
  let priorities: number[] = []
  transportManager.dial = async (address, options) => {
    priorities = Array.from(engine.dials.pending, ({ priority }) => priority)

    return dial(address, options)
  }
  await t.throwsAsync(clock.until(engine.dial(a, { priority: 90 })), { name: 'CircularDialError' })

  t.deepEqual(priorities, [90, 90])
})

test('raising a dial raises the nested dial of its relay', async t => {
  const [a, b] = await Promise.all([newPeer(), newPeer()])
  const { engine, components: { transportManager } } = relayed(() => [], [a, b])
  transportManager.dial = async (address, options) => address.toString().startsWith(`/p2p/${b}/`) ? engine.dial(multiaddr(`/ip4/192.0.2.1/tcp/1/p2p/${b}`), options as object) : new Promise(() => {})
  const dials = [engine.dial(circuit(b, a), { priority: 10 })]
  await settled()
  t.deepEqual(Array.from(engine.dials.running, ({ priority }) => priority), [10, 10])

  dials.push(engine.dial(circuit(b, a), { priority: 90 }))
  t.deepEqual(Array.from(engine.dials.running, ({ priority }) => priority), [90, 90])
  engine.stop()
  await Promise.allSettled(dials)
})

test('a dial that a transport makes on another node is not nested', async t => {
  const [peer, other] = await Promise.all([newPeer(), newPeer()])
  const outer = engineWorld(pipeline(fromCaller(), race()))
  const inner = engineWorld(pipeline(fromCaller(), race()), { 2: { connects: 10 } })
  outer.components.transportManager.dial = async (_, options) => {
    await inner.engine.dial(multiaddr(`/ip4/192.0.2.2/tcp/4001/p2p/${other}`), options as object)
    throw new Error('Enough')
  }
  const dial = outer.engine.dial(multiaddr(`/ip4/192.0.2.1/tcp/1/p2p/${peer}`))
  await settled()

  t.deepEqual(Array.from(inner.engine.dials.running, ({ lineage: { depth } }) => depth), [0])
  await inner.clock.advance(20)
  await t.throwsAsync(outer.clock.until(dial), { message: 'Enough (/ip4/192.0.2.1/tcp/1)' })
})

test('a relay that leads back to a dial with another pipeline fails with CircularDialError within 2 s', async t => {
  const [a, b] = await Promise.all([newPeer(), newPeer()])
  const { engine, clock } = relayed(id => [id.equals(a) ? webRTC(b, a) : webRTC(a, b)], [a, b])

  await t.throwsAsync(clock.until(engine.dial(a, { pipeline: other })), { name: 'CircularDialError' })
  t.true(clock.now() < 2_000, `it took ${clock.now()} ms`)
})

test('nested dials over WebRTC go four deep, then fail with CircularDialError', async t => {
  const peers = await Promise.all(Array.from({ length: 20 }, newPeer))
  const { engine, clock, relayDials } = relayed(id => [webRTC(peers[peers.findIndex(peer => peer.equals(id)) + 1] as PeerId, id)], peers)

  await t.throwsAsync(clock.until(engine.dial(peers[0] as PeerId)), { name: 'CircularDialError' })
  t.is(relayDials(), 5)
})

test('a relay that is only reachable through another relay is not dialled', async t => {
  const [a, b, c] = await Promise.all([newPeer(), newPeer(), newPeer()])
  const { engine, clock, relayDials } = relayed(id => [id.equals(a) ? circuit(b, a) : circuit(c, b)], [a, b, c])

  await t.throwsAsync(clock.until(engine.dial(a)), { message: /a relay is not reached through another relay/ })
  t.is(relayDials(), 1)
})

test('an application\'s own dial of a relay, joined to a nested one, also dials addresses behind other relays', async t => {
  const [a, b, c] = await Promise.all([newPeer(), newPeer(), newPeer()])
  const { engine, clock, relayDials, components } = relayed(id => [id.equals(a) ? circuit(b, a) : circuit(c, b)], [a, b, c])
  const { findPeer } = components.peerRouting
  components.peerRouting.findPeer = async (id, options) => {
    await new Promise<void>(resolve => { clock.setTimeout(resolve, 100) })
    return findPeer(id, options)
  }

  const outer = t.throwsAsync(engine.dial(a), { name: 'NoValidAddressesError' })
  await clock.advance(150)
  const own = t.throwsAsync(engine.dial(b), { name: 'NoValidAddressesError' })
  await clock.until(Promise.all([outer, own]))

  t.is(relayDials(), 2)
})

for (const [over, address, most] of [['circuits', circuit, 25], ['WebRTC', webRTC, 1_000]] as const) {
  test(`twenty peers behind each other over ${over} cause at most one look-up for each of fifty dials`, async t => {
    const peers = await Promise.all(Array.from({ length: 20 }, newPeer))
    const { engine, clock, relayDials, components } = relayed(id => peers.filter(peer => !peer.equals(id)).map(peer => address(peer, id)), peers)
    const { findPeer } = components.peerRouting
    let lookups = 0
    components.peerRouting.findPeer = async (id, options) => {
      lookups++
      return findPeer(id, options)
    }

    await t.throwsAsync(clock.until(engine.dial(peers[0] as PeerId)), { name: 'AggregateError' })
    t.true(lookups <= 51, `${lookups} look-ups`)
    t.true(relayDials() <= most, `${relayDials()} attempts`)
    t.is(engine.dials.pending.size + engine.dials.running.size, 0)
    t.is(clock.pending, 0)
  })

  test(`a router that names sixteen new relays for each peer, over ${over}, is asked at most once for each of fifty dials`, async t => {
    const peers: PeerId[] = []
    const { engine, clock, relayDials, components } = relayed(() => [], peers)
    let lookups = 0
    components.peerRouting.findPeer = async id => {
      lookups++
      const relays = await Promise.all(Array.from({ length: 16 }, newPeer))
      peers.push(...relays)

      return { id, multiaddrs: relays.map(relay => address(relay, id)) }
    }

    await t.throwsAsync(clock.until(engine.dial(await newPeer())), { name: 'AggregateError' })
    t.true(lookups <= 51, `${lookups} look-ups`)
    t.true(relayDials() <= most, `${relayDials()} attempts`)
    t.is(engine.dials.pending.size + engine.dials.running.size, 0)
  })
}

test('an application that joins a nested dial gets its own result', async t => {
  const [a, b] = await Promise.all([newPeer(), newPeer()])
  const { engine, clock, components } = relayed(id => [id.equals(a) ? circuit(b, a) : multiaddr(`/ip4/192.0.2.1/tcp/1/p2p/${b}`)], [a, b])
  const dial = components.transportManager.dial.bind(components.transportManager)
  const connection = { id: 'b', status: 'open', direct: true, remotePeer: b, remoteAddr: multiaddr('/ip4/192.0.2.1/tcp/1'), newStream: () => {}, close: async () => {} }
  components.transportManager.dial = async (address, options) => {
    if (address.toString().startsWith('/ip4')) {
      await new Promise<void>(resolve => { clock.setTimeout(resolve, 100) })
      return connection as any
    }

    return dial(address, options)
  }

  const outer = t.throwsAsync(engine.dial(a), { message: /no reservation/ })
  await clock.advance(50)
  const joined = engine.dial(b)
  await clock.advance(100)

  t.is((await joined).id, 'b')
  await outer
})

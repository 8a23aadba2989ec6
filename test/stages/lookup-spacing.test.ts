import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { TypedEventEmitter } from 'main-event'
import { sleep } from '../../src/pipeline/clock.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { fromKnown } from '../../src/stages/from-known.ts'
import { fromRouting } from '../../src/stages/from-routing.ts'
import { LookupSpacing } from '../../src/stages/lookup-spacing.ts'
import { race } from '../../src/stages/race.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { renderWaterfall } from '../../src/trace/svg.ts'
import { renderTrace } from '../../src/trace/text.ts'
import { address, engineWorld, newPeer } from '../helpers/scripted.ts'
import { faultsOf } from '../trace/schema.ts'
import type { Libp2pEvents } from '@libp2p/interface'

function spacing (): { clock: VirtualClock, events: TypedEventEmitter<Libp2pEvents>, spacing: LookupSpacing, connect (peer: string): void } {
  const clock = new VirtualClock(1_000_000)
  const events = new TypedEventEmitter<Libp2pEvents>()

  return {
    clock,
    events,
    spacing: new LookupSpacing({ events, clock }),
    connect: peer => { events.safeDispatchEvent('connection:open', { detail: { remotePeer: { toString: () => peer } } as any }) }
  }
}

/** Looks a peer up if it is due. Returns the milliseconds until the next look-up */
function lookUp (lookups: LookupSpacing, peer: string, known: readonly string[], found: readonly string[] = []): number {
  const wait = lookups.waitFor(peer, known)

  if (wait === 0) {
    lookups.ended(peer, known, found)
  }

  return wait
}

test('look-ups of a peer are spaced by 30 s, doubled up to 10 min', async t => {
  const { clock, spacing: lookups } = spacing()
  const waits: number[] = []

  for (let i = 0; i < 8; i++) {
    t.is(lookUp(lookups, 'peer', ['a']), 0)
    const wait = lookUp(lookups, 'peer', ['a'])
    waits.push(wait / 1_000)
    await clock.advance(wait)
  }

  t.deepEqual(waits, [30, 60, 120, 240, 480, 600, 600, 600])
})

test('look-ups of one peer do not delay those of another', t => {
  const { spacing: lookups } = spacing()
  t.deepEqual([lookUp(lookups, 'one', ['a']), lookUp(lookups, 'other', ['a'])], [0, 0])
})

test('a look-up without an answer delays no other', t => {
  const { spacing: lookups } = spacing()
  t.deepEqual([lookups.waitFor('peer', ['a']), lookups.waitFor('peer', ['a'])], [0, 0])
})

test('a peer without known addresses is looked up each time', t => {
  const { spacing: lookups } = spacing()
  t.deepEqual(Array.from({ length: 5 }, () => lookUp(lookups, 'peer', [])), [0, 0, 0, 0, 0])
})

test('a new address of a peer ends the spacing', async t => {
  const { clock, spacing: lookups } = spacing()
  lookUp(lookups, 'peer', ['a'], ['b'])
  t.is(lookUp(lookups, 'peer', ['a', 'b']), 30_000)
  t.is(lookUp(lookups, 'peer', ['a', 'c']), 0)
  await clock.advance(29_999)
  t.is(lookUp(lookups, 'peer', ['a', 'c']), 1)
})

test('a new address of a peer with 1,000 addresses does not end the spacing', t => {
  const { spacing: lookups } = spacing()
  const many = Array.from({ length: 1_000 }, (_, i) => `address ${i}`)
  lookUp(lookups, 'peer', many)
  t.is(lookUp(lookups, 'peer', [...many, 'another']), 30_000)
})

test('dials that alternate between two addresses do not end the spacing', t => {
  const { spacing: lookups } = spacing()
  t.deepEqual(['a', 'b', 'a', 'b', 'a'].map(one => lookUp(lookups, 'peer', [one]) > 0), [false, false, true, true, true])
})

test('a connection to the peer ends the spacing, and one to another peer does not', t => {
  const { spacing: lookups, connect } = spacing()
  lookUp(lookups, 'peer', ['a'])
  connect('other')
  t.is(lookUp(lookups, 'peer', ['a']), 30_000)
  connect('peer')
  t.is(lookUp(lookups, 'peer', ['a']), 0)
  t.is(lookUp(lookups, 'peer', ['a']), 30_000)
})

test('the spacing remembers at most 2,000 peers', t => {
  const { spacing: lookups } = spacing()
  Array.from({ length: 10_000 }, (_, i) => lookUp(lookups, `peer ${i}`, ['a']))
  const held = Array.from({ length: 10_000 }, (_, i) => lookUp(lookups, `peer ${9_999 - i}`, ['a'])).filter(wait => wait > 0).length
  t.true(held > 0 && held <= 2_000, `${held}`)
})

test('a look-up that one caller aborts is made again for the next', async t => {
  const peer = await newPeer()
  const { engine, clock, components } = engineWorld(pipeline(fromCaller(), fromKnown({ when: 'empty' }), fromRouting({ when: 'exhausted' }), race()), { 1: { refuses: 10 }, 2: { connects: 10 } }, { stored: [{ multiaddr: address(1, peer), isCertified: false }] })
  components.peerRouting.findPeer = async id => {
    await new Promise<void>(resolve => { clock.setTimeout(resolve, 400) })
    return { id, multiaddrs: [multiaddr('/ip4/192.0.2.2/tcp/4001')] }
  }
  const impatient = new AbortController()
  clock.setTimeout(() => { impatient.abort() }, 200)

  await t.throwsAsync(clock.until(engine.dial(peer, { signal: impatient.signal })))
  await clock.advance(1_000)
  t.is((await clock.until(engine.dial(peer))).remoteAddr.toString(), address(2, peer).toString())
})

test('ten dials of a peer whose address refuses make one look-up, and a new address makes another', async t => {
  const peer = await newPeer()
  const stored = [{ multiaddr: address(1, peer), isCertified: false }]
  let lookups = 0
  const { engine, clock, components } = engineWorld(pipeline(fromCaller(), fromKnown({ when: 'empty' }), fromRouting({ when: 'exhausted' }), race()), { 1: { refuses: 10 }, 2: { refuses: 10 }, 3: { refuses: 10 } }, { stored })
  components.peerRouting.findPeer = async id => {
    lookups++
    return { id, multiaddrs: [multiaddr(`/ip4/192.0.2.2/tcp/4001`)] }
  }

  for (let i = 0; i < 10; i++) {
    await t.throwsAsync(clock.until(engine.dial(peer)))
    await clock.advance(2_000)
  }

  t.is(lookups, 1)
  stored.push({ multiaddr: address(3, peer), isCertified: false })
  await t.throwsAsync(clock.until(engine.dial(peer)))
  t.is(lookups, 2)
})

test('a dial with known addresses waits 5 s for a look-up, and the next makes none', async t => {
  const peer = await newPeer()
  let lookups = 0
  const { engine, clock } = engineWorld(pipeline(fromCaller(), fromKnown({ when: 'empty' }), fromRouting({ when: 'exhausted' }), race()), { 1: { refuses: 10 } }, {
    stored: [{ multiaddr: address(1, peer), isCertified: false }],
    routed: async () => {
      lookups++
      return new Promise(resolve => { clock.setTimeout(() => { resolve([]) }, 30_000) })
    }
  })
  await t.throwsAsync(clock.until(engine.dial(peer, { signal: new AbortController().signal })), { message: /ECONNREFUSED/ })
  t.is(clock.now(), 5_010)
  await t.throwsAsync(clock.until(engine.dial(peer)), { message: /ECONNREFUSED/ })
  t.is(lookups, 1)
})

test('a peer that was never connected is looked up at most once in ten seconds', async t => {
  const { clock, spacing: lookups } = spacing()
  t.deepEqual([lookups.admitsUnknownPeer(), lookups.admitsUnknownPeer()], [true, false])
  await clock.advance(9_999)
  t.false(lookups.admitsUnknownPeer())
  await clock.advance(1)
  t.true(lookups.admitsUnknownPeer())
})

test('the first of twenty dead peers that were never connected is looked up, and each peer that was connected before', async t => {
  const asked: string[] = []
  const { engine, clock, components } = engineWorld(pipeline(fromKnown(), fromRouting({ when: 'stale' }), race()), { 1: { refuses: 5 } }, { stored: [{ multiaddr: address(1), isCertified: false }] })
  const { get } = components.peerStore
  const [identified, dialled, ...strangers] = await Promise.all(Array.from({ length: 22 }, newPeer))
  components.peerRouting.findPeer = async id => { asked.push(id.toString()); return { id, multiaddrs: [] } }
  components.peerStore.get = async (id, options) => ({
    ...await get(id, options),
    protocols: id.equals(identified) ? ['/ping/1.0.0'] : [],
    metadata: new Map(id.equals(dialled) ? [['last-dial-success', new Uint8Array()]] : [])
  })

  await clock.until(Promise.allSettled([...strangers, identified, dialled].map(async peer => engine.dial(peer as typeof dialled & {}))))

  t.deepEqual(asked, [strangers[0], identified, dialled].map(String))
})

test('a dial of a named address fails at once when it refuses, without a look-up', async t => {
  let asked = 0
  const { engine, clock, components } = engineWorld(pipeline(fromCaller(), fromRouting({ when: 'stale' }), race()), { 1: { refuses: 5 } })
  components.peerRouting.findPeer = async id => { asked++; return { id, multiaddrs: [] } }

  const error: any = await t.throwsAsync(clock.until(engine.dial(address(1, await newPeer()))))
  t.is(clock.now(), 5)
  t.is(asked, 0)
  t.like(error.trace.sources[1], { stage: 'from-routing', askedAt: 5, endedAt: 5, addresses: 0, notAsked: 'the caller passed addresses' })
  t.deepEqual(faultsOf(error.trace), [])
  t.regex(renderTrace(error.trace), /from-routing +(\| +\| )?not asked: the caller passed addresses$/m)
  t.notRegex(renderWaterfall(error.trace), /from-routing/)
})

for (const [what, known, findPeer, reason] of [
  ['the peer was looked up lately', true, async () => ({ multiaddrs: [] }), 'the peer was looked up lately. The next look-up is in 30 s at the earliest'],
  ['the node has no router', false, async () => { throw Object.assign(new Error('None'), { name: 'NoPeerRoutersError' }) }, 'no peer router is configured']
] as const) {
  test(`the trace says that routing was not asked when ${what}`, async t => {
    const { engine, clock, components } = engineWorld(pipeline(fromKnown(), fromRouting({ when: 'exhausted' }), race()), { 1: { refuses: 5 } }, { stored: known ? [{ multiaddr: address(1), isCertified: false }] : [] })
    components.peerRouting.findPeer = findPeer as any
    const peer = await newPeer()
    await t.throwsAsync(clock.until(engine.dial(peer)))
    const error: any = await t.throwsAsync(clock.until(engine.dial(peer)))

    t.like(error.trace.sources.at(-1), { stage: 'from-routing', addresses: 0, notAsked: reason })
    // the error of an address says enough
    t.is(error.message.includes(`no address found; from-routing not asked: ${reason}`), !known)
  })
}

test('the trace says that one of two dead strangers was not looked up', async t => {
  const { engine, clock, components } = engineWorld(pipeline(fromKnown(), fromRouting({ when: 'stale' }), race()), { 1: { refuses: 5 } }, { stored: [{ multiaddr: address(1), isCertified: false }] })
  components.peerRouting.findPeer = async id => ({ id, multiaddrs: [] })
  await t.throwsAsync(clock.until(engine.dial(await newPeer())))
  const error: any = await t.throwsAsync(clock.until(engine.dial(await newPeer())))

  t.is(error.trace.sources.at(-1).notAsked, 'the peer was never connected, and another such peer was looked up lately')
})

test('unknown peers are looked up by 50 dials at once', async t => {
  const { engine, clock, components } = engineWorld(pipeline(fromKnown({ when: 'empty' }), fromRouting({ when: 'exhausted' }), race()), {}, { settings: { maxParallelDials: 50 } })
  let [running, most] = [0, 0]
  components.peerRouting.findPeer = async id => {
    most = Math.max(most, ++running)
    await sleep(1_000, clock, new AbortController().signal)
    running--
    return { id, multiaddrs: [] }
  }
  const peers = await Promise.all(Array.from({ length: 300 }, newPeer))
  await clock.until(Promise.allSettled(peers.map(async peer => engine.dial(peer))))

  t.is(most, 50)
})

test('100 of 300 concurrent peers are looked up, and the other dials fail within a second', async t => {
  const { engine, clock, components } = engineWorld(pipeline(fromKnown({ when: 'empty' }), fromRouting({ when: 'exhausted' }), race()), { 1: { refuses: 5 } }, { stored: [{ multiaddr: address(1), isCertified: false }] })
  let lookups = 0
  components.peerRouting.findPeer = async id => {
    lookups++
    await sleep(8_000, clock, new AbortController().signal)
    return { id, multiaddrs: [] }
  }
  const peers = await Promise.all(Array.from({ length: 300 }, newPeer))
  const times: number[] = []
  const dials = peers.map(async peer => engine.dial(peer).catch(() => { times.push(clock.now()) }))
  await clock.until(Promise.all(dials))

  t.is(lookups, 100)
  t.is(times.filter(time => time < 1_000).length, 200)
})

test('dials that wait for a router do not keep other dials queued', async t => {
  const { engine, clock, components, network } = engineWorld(pipeline(fromCaller(), fromKnown({ when: 'empty' }), fromRouting({ when: 'exhausted' }), race()), { 1: { refuses: 5 }, 2: { connects: 5 } }, { settings: { maxParallelDials: 3 } })
  components.peerRouting.findPeer = async id => { await sleep(9_000, clock, new AbortController().signal); return { id, multiaddrs: [] } }
  const peers = await Promise.all(Array.from({ length: 4 }, newPeer))
  const lost = Promise.allSettled(peers.slice(1).map(async peer => engine.dial(address(1, peer))))
  await clock.advance(20)
  const connection = await clock.until(engine.dial(address(2, peers[0])))

  t.is(connection.status, 'open')
  t.true(clock.now() < 100, `${clock.now()} ms`)
  t.true(network.dialled.length >= 4)
  await clock.until(lost)
})

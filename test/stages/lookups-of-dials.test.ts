import test from 'ava'
import { address } from '../helpers/address.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { routerWorld, whenExhausted, whenStale } from './router-world.ts'

test('a look-up that one caller aborts is made again for the next', async t => {
  const peer = await newPeer()
  const { engine, clock } = routerWorld(whenExhausted, { 1: { refuses: 10 }, 2: { connects: 10 } }, { stored: [1], finds: [2], ms: 400 })
  const impatient = new AbortController()
  clock.setTimeout(() => { impatient.abort() }, 200)

  await t.throwsAsync(clock.until(engine.dial(peer, { signal: impatient.signal })), { name: 'AbortError' })
  await clock.advance(1_000)
  t.is((await clock.until(engine.dial(peer))).remoteAddr.toString(), address(2, peer).toString())
})

test('ten dials of a peer whose address refuses make one look-up, and a new address makes another', async t => {
  const peer = await newPeer()
  const { engine, clock, asked, addresses } = routerWorld(whenExhausted, { 1: { refuses: 10 }, 2: { refuses: 10 }, 3: { refuses: 10 } }, { stored: [1], finds: [2] })

  for (let i = 0; i < 10; i++) {
    await t.throwsAsync(clock.until(engine.dial(peer)))
    await clock.advance(2_000)
  }

  t.is(asked.length, 1)
  addresses.push({ multiaddr: address(3, peer), isCertified: false })
  await t.throwsAsync(clock.until(engine.dial(peer)), { name: 'AggregateError' })
  t.is(asked.length, 2)
})

test('a dial with known addresses waits 5 s for a look-up, and the next makes none', async t => {
  const peer = await newPeer()
  const { engine, clock, asked } = routerWorld(whenExhausted, { 1: { refuses: 10 } }, { stored: [1], ms: 30_000 })
  await t.throwsAsync(clock.until(engine.dial(peer, { signal: new AbortController().signal })), { message: /ECONNREFUSED/ })
  t.is(clock.now(), 5_010)
  await t.throwsAsync(clock.until(engine.dial(peer)), { message: /ECONNREFUSED/ })
  t.is(asked.length, 1)
})

test('the first of twenty dead peers that were never connected is looked up, and each peer that was connected before', async t => {
  const { engine, clock, components, asked } = routerWorld(whenStale, { 1: { refuses: 5 } }, { stored: [1] })
  const { get } = components.peerStore
  const [identified, dialled, ...strangers] = await Promise.all(Array.from({ length: 22 }, newPeer))
  components.peerStore.get = async (id, options) => ({
    ...await get(id, options),
    protocols: id.equals(identified) ? ['/ping/1.0.0'] : [],
    metadata: new Map(id.equals(dialled) ? [['last-dial-success', new Uint8Array()]] : [])
  })

  await clock.until(Promise.allSettled([...strangers, identified, dialled].map(async peer => engine.dial(peer as typeof dialled & {}))))

  t.deepEqual(asked, [strangers[0], identified, dialled].map(String))
})

test('dials of twenty dead peers that were connected before, one after another, wait for four look-ups', async t => {
  const { engine, clock, components, asked } = routerWorld(whenStale, { 1: { refuses: 5 } }, { stored: [1], finds: [1], ms: 500 })
  const { get } = components.peerStore
  components.peerStore.get = async (id, options) => ({ ...await get(id, options), protocols: ['/ping/1.0.0'], metadata: new Map() })

  for (let i = 0; i < 20; i++) {
    await t.throwsAsync(clock.until(engine.dial(await newPeer())), { message: /ECONNREFUSED/ })
  }

  t.is(asked.length, 4)
  t.is(clock.now(), 20 * 5 + 4 * 500)
})

test('unknown peers are looked up by 50 dials at once', async t => {
  const { engine, clock, asked } = routerWorld(whenExhausted, {}, { ms: 1_000, settings: { maxParallelDials: 50 } })
  const peers = await Promise.all(Array.from({ length: 300 }, newPeer))
  const dials = Promise.allSettled(peers.map(async peer => engine.dial(peer)))

  for (let second = 0; second < 6; second++) {
    await clock.advance(second === 0 ? 999 : 1_000)
    t.is(asked.length, 50 * (second + 1))
  }

  await clock.until(dials)
})

test('100 of 300 concurrent peers are looked up, and the other dials fail within a second', async t => {
  const { engine, clock, asked } = routerWorld(whenExhausted, { 1: { refuses: 5 } }, { stored: [1], ms: 8_000 })
  const peers = await Promise.all(Array.from({ length: 300 }, newPeer))
  const times: number[] = []
  await clock.until(Promise.all(peers.map(async peer => engine.dial(peer).catch(() => { times.push(clock.now()) }))))

  t.is(asked.length, 100)
  t.is(times.filter(time => time < 1_000).length, 200)
})

test('dials that wait for a router do not keep other dials queued', async t => {
  const { engine, clock, network } = routerWorld(whenExhausted, { 1: { refuses: 5 }, 2: { connects: 5 } }, { ms: 9_000, settings: { maxParallelDials: 3 } })
  const peers = await Promise.all(Array.from({ length: 4 }, newPeer))
  const lost = Promise.allSettled(peers.slice(1).map(async peer => engine.dial(address(1, peer))))
  await clock.advance(20)
  const connection = await clock.until(engine.dial(address(2, peers[0])))

  t.is(connection.status, 'open')
  t.true(clock.now() < 100, `${clock.now()} ms`)
  t.true(network.dialled.length >= 4)
  await clock.until(lost)
})

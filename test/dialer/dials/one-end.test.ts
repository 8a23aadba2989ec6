import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { filter, pipeline, timeout } from '../../../src/pipeline/index.ts'
import { dialable } from '../../../src/stages/dialable.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { fromPeerStore } from '../../../src/stages/from-peer-store.ts'
import { fromRouting } from '../../../src/stages/from-routing.ts'
import { provenance } from '../../../src/stages/provenance.ts'
import { race } from '../../../src/stages/race.ts'
import { stagger } from '../../../src/stages/stagger.ts'
import { settled } from '../../../src/testing/virtual-clock.ts'
import { address, engineWorld, newPeer } from '../../helpers/scripted.ts'
import { microtasks } from '../../support/microtasks.ts'
import type { Connection, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const loose = pipeline(fromCaller(), stagger(0), race())
const picky = pipeline(fromCaller(), provenance(), race())
const storedOnly = pipeline(fromPeerStore(), stagger(), race())

function many (count: number, peer: PeerId): Multiaddr[] {
  return Array.from({ length: count }, (_, i) => multiaddr(`/ip4/198.51.${100 + (i >> 8)}.${i & 255}/tcp/4001/p2p/${peer}`))
}

test('a dial of 300 refusing addresses dials the first 256 once each, and fails', async t => {
  const peer = await newPeer()
  const { engine, clock, network } = engineWorld(loose, {}, { slots: { node: 1_000, peer: 1_000, prefix: 1_000 } })
  const addresses = many(300, peer)
  addresses.forEach(one => { network.script(one.toString(), { refuses: 1 }) })

  await t.throwsAsync(clock.until(engine.dial(addresses)), { name: 'AggregateError' })
  t.is(network.attempts.length, 256)
  t.is(new Set(network.dialled).size, 256)
})

test('a dial whose 300 addresses are all dropped fails at once', async t => {
  const { engine } = engineWorld(pipeline(fromCaller(), filter('none', () => false), race()))

  await t.throwsAsync(engine.dial(many(300, await newPeer())), { name: 'NoValidAddressesError' })
})

test('a pipeline without fromCaller() dials the stored address once, and not the caller\'s', async t => {
  const { engine, clock, network } = engineWorld(storedOnly, { 1: { refuses: 10 } }, { stored: [{ multiaddr: address(1), isCertified: false }] })

  await t.throwsAsync(clock.until(engine.dial(address(2, await newPeer()))), { message: /ECONNREFUSED/ })
  t.deepEqual(network.dialled, [String(address(1))])
})

test('a new dial of a live address made in any microtask after another\'s failure connects', async t => {
  for (let count = 0; count < 40; count++) {
    const peer = await newPeer()
    const { engine, clock } = engineWorld(loose, { 1: { refuses: 10 }, 2: { connects: 10 } })
    const again = async (): Promise<string> => {
      await microtasks(count)

      return engine.dial(address(2, peer), { signal: new AbortController().signal }).then(({ status }) => status)
    }

    const first = engine.dial(address(1, peer)).then(() => 'connected', again)
    t.is(await clock.until(first), 'open', `after ${count} microtasks`)
    t.is(clock.pending, 0)
  }
})

test('a caller that joins in any microtask before the end of a failing dial connects at its own live address', async t => {
  let moved = 0

  for (let count = 0; count < 80; count++) {
    const peer = await newPeer()
    const refused = { refuses: 10, error: new Error('refused') }
    const { engine, clock, components, network } = engineWorld(loose, { 1: refused, 2: { connects: 10 } })
    let joined: Promise<string> | undefined
    const dial = components.transportManager.dial.bind(components.transportManager)
    components.transportManager.dial = async (one, options) => dial(one, options).catch(async err => {
      void (async () => {
        await microtasks(count)
        const heard: string[] = []
        joined = engine.dial(address(2, peer), { onProgress: ({ type }) => { heard.push(type) } }).then(({ status }) => status, ({ message }) => message)
        // the joined dial had already started
        void joined.then(() => { moved += Number(heard.includes('dial-queue:already-in-dial-queue') && heard.includes('dial-queue:start-dial')) })
      })()
      throw err
    })

    await clock.until(engine.dial(address(1, peer)).catch(() => {}))
    await settled()
    t.is(await clock.until(joined as Promise<string>), 'open', `after ${count} microtasks`)
    t.deepEqual(network.dialled, [address(1), address(2)].map(String), `after ${count} microtasks`)
  }

  t.true(moved > 0, 'no caller was moved to a dial of its own')
})

test('a caller that joins in any microtask before the end of a failing dial fails after one dial of its own', async t => {
  for (let count = 0; count < 80; count++) {
    const peer = await newPeer()
    const refused = { refuses: 10 }
    const { engine, clock, components, network } = engineWorld(loose, { 1: refused, 2: refused, 3: refused, 4: refused })
    let failed = 0
    let joined: Promise<string> | undefined
    const dial = components.transportManager.dial.bind(components.transportManager)
    components.transportManager.dial = async (one, options) => dial(one, options).catch(async err => {
      if (++failed === 3) {
        void (async () => {
          await microtasks(count)
          joined = engine.dial(address(4, peer)).then(() => 'connected', ({ name }) => name)
        })()
      }

      throw err
    })

    await Promise.allSettled([engine.dial([1, 2, 3].map(n => address(n, peer))), clock.advance(1_000)])
    t.is(network.attempts.length, 4, `after ${count} microtasks`)
    t.not(await Promise.race([joined, Promise.resolve('nothing')]), 'nothing', `after ${count} microtasks`)
    t.is(engine.dials.pending.size + engine.dials.running.size, 0)
  }
})

test('a priority that is not a number rejects at once, and queued dials go on', async t => {
  const { engine, clock } = engineWorld(loose, { 1: { connects: 10 }, 2: { connects: 10 } }, { settings: { maxParallelDials: 1 } })
  const first = engine.dial(address(1, await newPeer()))

  for (const priority of [Number.NaN, 'text', '60', {}] as number[]) {
    await t.throwsAsync(engine.dial(address(1, await newPeer()), { priority }), { name: 'InvalidParametersError', message: /priority/ })
  }

  const second = engine.dial(address(2, await newPeer()), { priority: Infinity })
  t.deepEqual((await Promise.all([clock.until(first), clock.until(second)])).map(({ status }) => status), ['open', 'open'])
})

test('a caller whose address no stage uses fails with the others, without a second attempt', async t => {
  const peer = await newPeer()
  const { engine, clock, network } = engineWorld(storedOnly, { 1: { refuses: 100 } }, { stored: [{ multiaddr: address(1), isCertified: false }] })
  const first = t.throwsAsync(engine.dial(peer), { message: /ECONNREFUSED/ })
  await clock.advance(50)
  const second = t.throwsAsync(engine.dial(address(2, peer)), { message: /ECONNREFUSED/ })
  await clock.advance(100)
  await Promise.all([first, second])

  t.is(network.attempts.length, 1)
})

test('a dial aborted in its first progress event dials nothing', async t => {
  for (const type of ['dial-queue:add-to-dial-queue', 'dial-queue:start-dial', 'dial-queue:calculated-addresses']) {
    const { engine, clock, network } = engineWorld(loose, { 1: { connects: 10 } })
    const controller = new AbortController()
    const dial = engine.dial(address(1, await newPeer()), {
      signal: controller.signal,
      onProgress: event => {
        if (event.type === type) {
          controller.abort(new Error('changed my mind'))
        }
      }
    })

    await t.throwsAsync(dial, { message: 'changed my mind' })
    await clock.advance(1_000)
    t.deepEqual(network.attempts, [], type)
    t.is(engine.dials.pending.size + engine.dials.running.size, 0)
    t.is(clock.pending, 0)
  }
})

test('a listener that dials the same peer in the first progress event joins its own dial', async t => {
  const peer = await newPeer()
  const { engine, clock, network } = engineWorld(loose, { 1: { connects: 10 } })
  let inner: Promise<Connection> | undefined
  const outer = engine.dial(address(1, peer), { onProgress: () => { inner ??= engine.dial(address(1, peer)) } })

  t.is(await clock.until(outer), await inner as Connection)
  t.is(network.attempts.length, 1)
})

test('a listener that stops the dialer in a progress event ends its own dial', async t => {
  const { engine, clock, network } = engineWorld(loose, { 1: { connects: 10 } })

  await t.throwsAsync(engine.dial(address(1, await newPeer()), { onProgress: () => { engine.stop() } }), { name: 'AbortError' })
  await clock.advance(1_000)
  t.is(network.attempts.length + engine.dials.pending.size + engine.dials.running.size, 0)
})

test('a dial that timeout() ends rejects with a TimeoutError, beside the errors of failed addresses', async t => {
  const { engine, clock } = engineWorld(pipeline(fromCaller(), dialable(), timeout(1_000, race())), { 2: { refuses: 10 } })
  const [silent, both] = [await newPeer(), await newPeer()]

  await t.throwsAsync(clock.until(engine.dial(address(1, silent))), { name: 'TimeoutError', message: /1000 ms/ })
  const error = await t.throwsAsync<AggregateError>(clock.until(engine.dial([address(1, both), address(2, both)])), { name: 'AggregateError' })
  t.deepEqual(error?.errors.map(({ name }: Error) => name), ['Error', 'TimeoutError'])
})

test('a dial ends when its last caller aborts although denyDialPeer() never settles', async t => {
  const { engine } = engineWorld(loose, {}, { connectionGater: { denyDialPeer: async () => new Promise(() => {}) } })
  const controller = new AbortController()
  const dial = engine.dial(address(1, await newPeer()), { signal: controller.signal })
  await settled()
  controller.abort(new Error('left'))

  await t.throwsAsync(dial, { message: 'left' })
  await engine.dials.idle()
  t.is(engine.dials.running.size, 0)
})

test('20,000 queued dials resolve with the connections that their peers opened meanwhile', async t => {
  const [busy, peer] = [await newPeer(), await newPeer()]
  const { engine, clock, components, network } = engineWorld(loose, { 1: { connects: 100 } }, { settings: { maxParallelDials: 1, maxDialQueueLength: 100_000 } })
  const first = engine.dial(address(1, busy))
  // separate dials, because their policies differ
  const waiting = Array.from({ length: 20_000 }, (_, i) => engine.dial(peer, { pipeline: picky, provenance: ['observed', `${i}`] }))
  const open = { id: 'inbound', direction: 'inbound', status: 'open', direct: true, remotePeer: peer }
  const getConnections = components.connectionManager.getConnections.bind(components.connectionManager)
  components.connectionManager.getConnections = one => one?.equals(peer) === true ? [open as any] : getConnections(one)
  await clock.until(first)

  t.true((await Promise.all(waiting)).every(connection => connection === open as unknown))
  t.is(network.attempts.length, 1)
})

test('callers without a peer id join for the same addresses, and do not get the peer at another', async t => {
  const { engine, clock, network } = engineWorld(loose, { 1: { connects: 10 }, 2: { connects: 500 } })
  const controller = new AbortController()
  const both = engine.dial([address(1), address(2)])
  const same = engine.dial([address(2), address(1)])
  const left = t.throwsAsync(engine.dial([address(1), address(2)], { signal: controller.signal, onProgress: () => { controller.abort(new Error('left')) } }), { message: 'left' })
  const other = engine.dial(address(2))
  const [first, second, third] = await clock.until(Promise.all([both, same, other]))
  await left

  t.is(first, second)
  t.is(first.remoteAddr.toString(), address(1).toString())
  t.is(third.remoteAddr.toString(), address(2).toString())
  t.is(network.attempts.length, 2)
  await engine.dials.idle()
  t.is(engine.dials.pending.size, 0)
})

test('progress events that are no objects reach the caller and do not fail the dial', async t => {
  const { engine, clock, components } = engineWorld(loose, { 1: { connects: 10 } })
  const dial = components.transportManager.dial.bind(components.transportManager)
  const heard: unknown[] = []
  components.transportManager.dial = async (one, options) => {
    for (const event of ['text', undefined, null, 5]) {
      options?.onProgress?.(event as any)
    }

    return dial(one, options)
  }

  t.is((await clock.until(engine.dial(address(1, await newPeer()), { onProgress: event => { heard.push(event) } }))).status, 'open')
  t.deepEqual(heard.filter(event => typeof event !== 'object' || event === null), ['text', undefined, null, 5])
})

test('a caller that dials in the abort listener of another gets a dial of its own', async t => {
  const peer = await newPeer()
  const { engine, clock, components, network } = engineWorld(pipeline(fromCaller(), fromRouting(), race()), { 1: { connects: 10 } })
  let second: Promise<string> | undefined
  components.peerRouting.findPeer = async (_id, { signal }: any = {}) => new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      second ??= engine.dial(address(1, peer)).then(({ status }) => status)
      reject(signal.reason)
    })
  })
  const controller = new AbortController()
  const first = t.throwsAsync(engine.dial(peer, { signal: controller.signal }), { message: 'left' })
  await clock.advance(10)
  controller.abort(new Error('left'))

  await first
  t.is(await clock.until(second as Promise<string>), 'open')
  t.is(network.attempts.length, 1)
})

test('a listener that overflows the stack rejects its own dial, and the next caller connects', async t => {
  const peer = await newPeer()
  const { engine, clock } = engineWorld(loose, { 1: { connects: 10 } })
  const overflow = (): void => { overflow() }

  await t.throwsAsync(engine.dial(address(1, peer), { onProgress: overflow }), { instanceOf: RangeError })
  t.is(engine.dials.pending.size, 0)
  t.is((await clock.until(engine.dial(address(1, peer)))).status, 'open')
})

test('a caller that joins with 200,000 copies of an address gets the outcome of the dial', async t => {
  const peer = await newPeer()
  const { engine, clock } = engineWorld(loose, { 1: { refuses: 10 } })
  const first = t.throwsAsync(engine.dial(address(1, peer)), { message: /ECONNREFUSED/ })
  const one = address(1, peer)
  const second = t.throwsAsync(engine.dial(Array.from({ length: 200_000 }, () => one)), { message: /ECONNREFUSED/ })

  await clock.until(Promise.all([first, second]))
  t.is(engine.dials.pending.size, 0)
})


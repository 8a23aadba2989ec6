import test from 'ava'
import { pipeline, timeout } from '../../../src/pipeline/index.ts'
import { dialable } from '../../../src/stages/dialable.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { fromPeerStore } from '../../../src/stages/from-peer-store.ts'
import { fromRouting } from '../../../src/stages/from-routing.ts'
import { race } from '../../../src/stages/race.ts'
import { stagger } from '../../../src/stages/stagger.ts'
import { settled } from '../../../src/testing/virtual-clock.ts'
import { address } from '../../helpers/address.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import { microtasks } from '../../support/microtasks.ts'
import type { DialComponents } from '../../../src/pipeline/types.ts'

const loose = pipeline(fromCaller(), stagger(0), race())
const storedOnly = pipeline(fromPeerStore(), stagger(), race())

/** Calls `listener` when a transport dial fails, before the dialer hears of it */
function onFailure ({ transportManager }: DialComponents, listener: () => Promise<void>): void {
  const dial = transportManager.dial.bind(transportManager)
  transportManager.dial = async (one, options) => dial(one, options).catch(async err => {
    void listener()
    throw err
  })
}

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
    onFailure(components, async () => {
      await microtasks(count)
      const heard: string[] = []
      joined = engine.dial(address(2, peer), { onProgress: ({ type }) => { heard.push(type) } }).then(({ status }) => status, ({ message }) => message)
      // the joined dial had already started
      void joined.then(() => { moved += Number(heard.includes('dial-queue:already-in-dial-queue') && heard.includes('dial-queue:start-dial')) })
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
    onFailure(components, async () => {
      if (++failed === 3) {
        await microtasks(count)
        joined = engine.dial(address(4, peer)).then(() => 'connected', ({ name }) => name)
      }
    })

    await Promise.allSettled([engine.dial([1, 2, 3].map(n => address(n, peer))), clock.advance(1_000)])
    t.is(network.attempts.length, 4, `after ${count} microtasks`)
    t.not(await Promise.race([joined, Promise.resolve('nothing')]), 'nothing', `after ${count} microtasks`)
    t.is(engine.dials.pending.size + engine.dials.running.size, 0)
  }
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

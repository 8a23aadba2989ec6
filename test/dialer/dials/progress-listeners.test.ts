import test from 'ava'
import { pipeline } from '../../../src/pipeline/index.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { race } from '../../../src/stages/race.ts'
import { stagger } from '../../../src/stages/stagger.ts'
import { address } from '../../helpers/address.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import type { Connection } from '@libp2p/interface'

const loose = pipeline(fromCaller(), stagger(0), race())

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

test('progress events that are no objects reach the caller and do not fail the dial', async t => {
  const { engine, clock, components } = engineWorld(loose, { 1: { connects: 10 } })
  const dial = components.transportManager.dial.bind(components.transportManager)
  const heard: unknown[] = []
  components.transportManager.dial = async (one, options) => {
    for (const event of ['text', undefined, null, 5]) {
      // `any`: a transport of JavaScript can report anything
      options?.onProgress?.(event as any)
    }

    return dial(one, options)
  }

  t.is((await clock.until(engine.dial(address(1, await newPeer()), { onProgress: event => { heard.push(event) } }))).status, 'open')
  t.deepEqual(heard.filter(event => typeof event !== 'object' || event === null), ['text', undefined, null, 5])
})

test('a listener that overflows the stack rejects its own dial, and the next caller connects', async t => {
  const peer = await newPeer()
  const { engine, clock } = engineWorld(loose, { 1: { connects: 10 } })
  const overflow = (): void => { overflow() }

  await t.throwsAsync(engine.dial(address(1, peer), { onProgress: overflow }), { instanceOf: RangeError })
  t.is(engine.dials.pending.size, 0)
  t.is((await clock.until(engine.dial(address(1, peer)))).status, 'open')
})

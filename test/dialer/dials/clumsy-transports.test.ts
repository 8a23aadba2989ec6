// a transport, a connection or a clock that violates its contract affects only its own address
import test from 'ava'
import { pipeline } from '../../../src/pipeline/index.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { race } from '../../../src/stages/race.ts'
import { sequential } from '../../../src/stages/sequential.ts'
import { settled } from '../../../src/testing/virtual-clock.ts'
import { address } from '../../helpers/address.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import { watchUnhandled } from '../../helpers/unhandled.ts'
import type { EngineWorld } from '../../helpers/scripted.ts'

const plain = pipeline(fromCaller(), sequential(), race())

/** A world with a faulty transport for the first address, and a second address that connects */
function clumsy (dial: () => Promise<any>): EngineWorld {
  const made = engineWorld(plain, { 2: { connects: 10 } })
  const { transportManager } = made.components
  const proper = transportManager.dial.bind(transportManager)
  transportManager.dial = async (one, options) => one.toString().includes('192.0.2.1/') ? dial() : proper(one, options)

  return made
}

const throws = { enumerable: true, get: () => { throw new Error('it cannot be read') } }

function oddError (descriptors: PropertyDescriptorMap): Error {
  return Object.defineProperties(new Error('odd'), descriptors)
}

const brokenConnection = { status: 'closed', close: async () => { throw new Error('close failed') }, abort: () => { throw new Error('abort failed') } }

for (const [what, dial, says] of [
  ['resolves with nothing', async () => undefined, /undefined where a connection was expected/],
  ['resolves with null', async () => null, /null where a connection was expected/],
  ['resolves with a string', async () => 'connection', /'connection' where a connection was expected/],
  ['rejects with what cannot be read', async () => { throw { type: Object.create(null) } as unknown as Error }, /cannot be read/],
  ['resolves with a closed connection whose close() and abort() throw', async () => brokenConnection, /closed connection/],
  ['rejects with an Error whose message cannot be read', async () => { throw oddError({ message: throws }) }, /Rejected with/],
  ['rejects with an Error whose message is a symbol', async () => { throw oddError({ message: { value: Symbol('odd') } }) }, /Rejected with/],
  ['rejects with an Error whose name cannot be read', async () => { throw oddError({ name: throws }) }, /Rejected with/],
  ['rejects with an Error whose stack cannot be read', async () => { throw oddError({ stack: throws }) }, /Rejected with/],
  ['rejects with an Error whose code cannot be read', async () => { throw oddError({ code: throws }) }, /Rejected with/],
  ['rejects with an Error whose cause has a code that cannot be read', async () => { throw new Error('odd', { cause: Object.defineProperties({}, { code: throws }) }) }, /^odd$/],
  ['rejects with a proxy that throws', async () => { throw new Proxy(new Error('odd'), { get: () => { throw new Error('no') }, getPrototypeOf: () => { throw new Error('no') } }) }, /Rejected with/],
  ['throws a string', () => { throw 'text' as unknown as Error }, /Rejected with 'text'/]
] as const) {
  test(`a transport that ${what} fails its own address with an Error, and the other connects`, async t => {
    const unhandled = watchUnhandled(t)
    const peer = await newPeer()
    const { engine, clock, network } = clumsy(dial as () => Promise<any>)
    const connection = await clock.until(engine.dial([address(1, peer), address(2, peer)]))
    t.is(connection.remoteAddr.toString(), address(2, peer).toString())

    const other = await newPeer()
    const error = await t.throwsAsync(clock.until(engine.dial(address(1, other))))
    t.true(error instanceof Error)
    t.regex(error?.message.replace(' (/ip4/192.0.2.1/tcp/4001)', '') ?? '', says)
    t.deepEqual(await unhandled(), [])
    t.is(engine.attempts.size + engine.dials.running.size, 0)
    t.is(network.open.length, 1)
  })
}

for (const [what, descriptors, says] of [
  ['whose limits cannot be read', { limits: throws }, /^it cannot be read$/],
  ['whose status cannot be read', { status: throws }, /^it cannot be read$/],
  ['whose remotePeer cannot be read', { remotePeer: throws }, /^it cannot be read$/],
  ['whose remoteAddr cannot be read', { remoteAddr: throws }, /^it cannot be read$/],
  ['whose newStream cannot be read', { newStream: throws }, /^it cannot be read$/],
  ['without a remoteAddr', { remoteAddr: { value: undefined } }, /answered a connection without remoteAddr$/],
  ['without a remotePeer', { remotePeer: { value: undefined } }, /undefined/],
  ['without newStream()', { newStream: { value: undefined } }, /answered a connection without newStream$/],
  ['whose close() cannot be read', { close: throws }, /^it cannot be read$/]
] as const) {
  test(`a connection ${what} fails its own address, and is closed`, async t => {
    const peer = await newPeer()
    let closed = 0
    const odd = {
      id: 'odd',
      status: 'open',
      remotePeer: peer,
      remoteAddr: address(1, peer),
      newStream: async () => { throw new Error('no streams') },
      close: async () => { closed++ },
      abort: () => { closed++ }
    }
    const { engine, clock, network } = clumsy(async () => Object.defineProperties({ ...odd }, descriptors))

    const connection = await clock.until(engine.dial([address(1, peer), address(2, peer)]))
    t.is(connection.remoteAddr.toString(), address(2, peer).toString())
    t.is(closed, 1)

    const error = await t.throwsAsync(clock.until(engine.dial(address(1, peer), { force: true })))
    t.regex(error?.message.replace(' (/ip4/192.0.2.1/tcp/4001)', '') ?? '', says)
    await settled()
    t.is(closed, 2)
    t.is(engine.attempts.size + engine.dials.running.size + clock.pending, 0)
    t.is(network.open.length, 1)
  })
}

for (const [what, late] of [['resolves late', true], ['never settles', false]] as const) {
  test(`a transport that ignores the signal and ${what} releases its slot ten seconds after the abort`, async t => {
    const [peer, other] = [await newPeer(), await newPeer()]
    const { engine, clock, components, network } = engineWorld(plain, { 2: { connects: 10 } }, { slots: { node: 1 } })
    const proper = components.transportManager.dial.bind(components.transportManager)
    components.transportManager.dial = async (one, options) => {
      if (one.toString().includes('192.0.2.2/')) {
        return proper(one, options)
      }

      await new Promise<void>(resolve => {
        if (late) {
          clock.setTimeout(resolve, 30_000)
        }
      })
      network.script(one.toString(), { connects: 0 })

      return network.dial(one, {})
    }
    const controller = new AbortController()
    const dial = engine.dial(address(1, peer), { signal: controller.signal })
    await settled()
    controller.abort(new Error('left'))
    await t.throwsAsync(dial, { message: 'left' })
    const next = engine.dial(address(2, other), { signal: new AbortController().signal })
    await clock.advance(9_999)
    t.is(network.attempts.length, 0)

    t.is((await clock.until(next)).status, 'open')
    await clock.advance(60_000)
    t.deepEqual(network.open, [await next])
    t.is(clock.pending, 0)
  })
}

test('an attempt is aborted even when its transport can no longer be found', async t => {
  const unhandled = watchUnhandled(t)
  const { engine, clock, components } = engineWorld(plain)
  const controller = new AbortController()
  const dial = t.throwsAsync(engine.dial(address(1, await newPeer()), { signal: controller.signal }), { message: 'left' })
  await clock.advance(10)
  components.transportManager.dialTransportForMultiaddr = () => { throw new Error('not started') }
  controller.abort(new Error('left'))

  await dial
  await clock.advance(20_000)
  t.deepEqual(await unhandled(), [])
  t.is(engine.attempts.size, 0)
})

test('a setTimeout() that throws does not delay later attempts', async t => {
  const { engine, clock, network } = engineWorld(plain)
  const setTimeout = clock.setTimeout.bind(clock)
  let isBroken = true
  clock.setTimeout = (fn, ms) => {
    if (ms === 0 && isBroken) {
      isBroken = false
      throw new Error('no more timers')
    }

    return setTimeout(fn, ms)
  }
  const peers = await Promise.all(Array.from({ length: 30 }, newPeer))
  const dials = Promise.allSettled(peers.map(async (peer, i) => engine.dial(address(i + 1, peer))))
  await clock.until(dials)

  t.true(network.attempts.length >= 29, `${network.attempts.length}`)
})

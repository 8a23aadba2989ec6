// a peer store or an address book that violates its contract fails no dial
import test from 'ava'
import { pipeline } from '../../../src/pipeline/index.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { provenance } from '../../../src/stages/provenance.ts'
import { race } from '../../../src/stages/race.ts'
import { sequential } from '../../../src/stages/sequential.ts'
import { settled } from '../../../src/testing/virtual-clock.ts'
import { address } from '../../helpers/address.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import { watchUnhandled } from '../../helpers/unhandled.ts'

const plain = pipeline(fromCaller(), sequential(), race())

for (const [what, merge] of [
  ['throws at once', () => { throw new Error('disk is full') }],
  ['rejects with null', async () => { throw null as unknown as Error }],
  ['returns no promise', () => undefined]
] as const) {
  test(`a peer store whose merge() ${what} does not fail the dial`, async t => {
    const unhandled = watchUnhandled(t)
    const peer = await newPeer()
    const { engine, clock, components } = engineWorld(plain, { 1: { refuses: 10 }, 2: { connects: 10 } })
    // `any`: a fake with only the members that the test needs
    components.peerStore.merge = merge as any

    t.is((await clock.until(engine.dial([address(1, peer), address(2, peer)]))).status, 'open')
    t.deepEqual(await unhandled(), [])
  })
}

for (const transport of ['scripted', '@libp2p/websockets']) {
  test(`a peer store whose merge() never settles delays a connection of ${transport} by one second`, async t => {
    const peer = await newPeer()
    const { engine, clock, components } = engineWorld(plain, { 1: { connects: 10 } })
    components.peerStore.merge = async () => new Promise(() => {})
    // `any`: a fake with only the members that the test needs
    components.transportManager.dialTransportForMultiaddr = () => ({ [Symbol.toStringTag]: transport }) as any

    t.is((await clock.until(engine.dial(address(1, peer)))).status, 'open')
    t.is(clock.now(), 1_010)
    await settled()
    t.is(engine.attempts.size + clock.pending, 0)
  })

  test(`aborting a dial by ${transport} while merge() hangs closes its connection at once`, async t => {
    const peer = await newPeer()
    const { engine, clock, components, network } = engineWorld(plain, { 1: { connects: 10 } })
    components.peerStore.merge = async () => new Promise(() => {})
    // `any`: a fake with only the members that the test needs
    components.transportManager.dialTransportForMultiaddr = () => ({ [Symbol.toStringTag]: transport }) as any
    const controller = new AbortController()
    const dial = t.throwsAsync(engine.dial(address(1, peer), { signal: controller.signal }), { message: 'Enough' })
    await clock.advance(500)
    t.is(network.open.length, 1)
    controller.abort(new Error('Enough'))
    await dial
    await settled()
    t.is(engine.attempts.size + network.open.length + clock.pending, 0)
  })
}

for (const method of ['attempted', 'invalidate'] as const) {
  test(`an address book whose ${method}() throws does not fail the dial`, async t => {
    const unhandled = watchUnhandled(t)
    const peer = await newPeer()
    const wrong = Object.assign(new Error('Payload identity key A does not match expected remote identity key B'), { name: 'UnexpectedPeerError' })
    const { engine, clock } = engineWorld(plain, { 1: { refuses: 10, error: wrong }, 2: { connects: 10 } }, { addressBook: { query: () => [], [method]: () => { throw new Error('disk is full') } } })

    t.is((await clock.until(engine.dial([address(1, peer), address(2, peer)]))).remoteAddr.toString(), address(2, peer).toString())
    t.deepEqual(await unhandled(), [])
  })
}

test('an address book that throws when the turn of a queued dial comes fails that dial, and no other', async t => {
  const [peer, other] = await Promise.all([newPeer(), newPeer()])
  const { engine, clock, components } = engineWorld(pipeline(fromCaller(), provenance(), race()), { 1: { connects: 10 }, 2: { connects: 10 } }, { settings: { maxParallelDials: 1 } })
  const { getConnections } = components.connectionManager
  Object.assign(components, { addressBook: { query: () => { throw new Error('disk is full') } } })
  const first = engine.dial(address(1, peer))
  const second = t.throwsAsync(engine.dial(address(2, other), { provenance: ['user'] }), { message: 'disk is full' })
  const third = engine.dial(address(2, other))
  // a connection from the remote, which the option `provenance` makes the dialer look up
  const found = { remotePeer: other, remoteAddr: address(3, other), status: 'open', direction: 'outbound' }
  // `any`: a fake with only the members that the test needs
  components.connectionManager.getConnections = one => one?.equals(other) === true ? [found as any] : getConnections(one)
  await clock.advance(100)
  t.is((await first).status, 'open')
  await second
  components.connectionManager.getConnections = getConnections
  await clock.advance(100)
  t.is((await third).status, 'open')
  t.deepEqual(engine.dials.usage, { running: 0, waiting: 0, lingering: 0 })
})

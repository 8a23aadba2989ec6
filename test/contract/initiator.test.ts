// options that reach the transport
import { contract, rejection } from './contract.ts'
import { address, unreachablePeer } from '../helpers/address.ts'
import { SimultaneousOpen } from './simultaneous-open.ts'
import { fails, tap } from './tap.ts'

contract('initiator and trace reach the transport, and unknown options do not (stock: none reaches it, a defect)', async (t, { node, either }) => {
  const wire = tap(fails)
  const [dialler, { at }] = await Promise.all([node({ transports: [wire.transport] }), unreachablePeer()])
  const trace = {}

  await rejection(dialler.dial(at, { initiator: false, trace, unheardOf: 1 } as object))

  t.deepEqual(['initiator', 'trace', 'unheardOf'].map(key => wire.dials[0]?.options[key]), either({ stock: [undefined, undefined, undefined], ours: [false, trace, undefined] }))
})

contract('the transport receives a signal other than the caller\'s, and onProgress', async (t, { node }) => {
  const wire = tap(fails)
  const [dialler, { at }] = await Promise.all([node({ transports: [wire.transport] }), unreachablePeer()])
  const { signal } = new AbortController()
  const onProgress = (): void => {}

  await rejection(dialler.dial(at, { signal, onProgress }))

  const options = wire.dials[0]?.options ?? {}
  t.true(options['signal'] instanceof AbortSignal)
  t.is(typeof options['onProgress'], 'function')
  t.not(options['signal'], signal)
})

contract('each attempt has its own options object', async (t, { node }) => {
  const seen: unknown[] = []
  const wire = tap(async dial => fails(dial))
  const [dialler, { peer, at }] = await Promise.all([node({ transports: [wire.transport] }), unreachablePeer()])
  const { transportManager } = (dialler as any).components
  const dial = transportManager.dial.bind(transportManager)
  transportManager.dial = async (multiaddr: unknown, options: Record<string, unknown>) => {
    seen.push(options['written'], options)
    options['written'] = true

    return dial(multiaddr, options)
  }
  const own = {}

  await rejection(dialler.dial([at, address(2, peer)], own))

  t.deepEqual([seen[0], seen[2]], [undefined, undefined])
  t.not(seen[1], seen[3])
  t.deepEqual(own, {})
})

contract('two peers that dial each other with one as non-initiator get one connection (stock: none, a defect)', async (t, { node, either }) => {
  const world = new SimultaneousOpen(() => true)
  const [a, b] = await Promise.all([node({ transports: [world.transport] }), node({ transports: [world.transport] })])
  await b.handle('/test/1.0.0', stream => { void stream.close() })

  const dials = await Promise.allSettled([
    a.dial(address(2, b.peerId)),
    b.dial(address(1, a.peerId), { initiator: false } as object)
  ])

  t.deepEqual(dials.map(({ status }) => status), either({ stock: ['rejected', 'rejected'], ours: ['fulfilled', 'fulfilled'] }))
  t.deepEqual([a, b].map(node => node.getConnections().map(({ direction }) => direction)), either({ stock: [[], []], ours: [['outbound'], ['inbound']] }))

  const stream = await a.dialProtocol(b.peerId, '/test/1.0.0').catch(({ name }) => name)
  t.is(stream.protocol ?? stream, either({ stock: 'NoValidAddressesError', ours: '/test/1.0.0' }))
})

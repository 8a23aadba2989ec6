// invalid pipelines, options and targets: a clear error by name, and nothing left pending
import test from 'ava'
import { multiaddr } from '@multiformats/multiaddr'
import { fromConnectionManagerInit, staggered } from '../../presets/index.ts'
import { attach, dialer } from '../../src/index.ts'
import { dialable, fromCaller, fromPeerStore, libp2pOrder, pipeline, pipelineOf, race, stage, take } from '../../src/stages/index.ts'
import { address, unreachablePeer } from '../helpers/address.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { rejecting } from '../helpers/thenable.ts'
import { watchUnhandled } from '../helpers/unhandled.ts'
import { addressesOf, leadsTo, listening } from '../libp2p/kit.ts'
import { tap } from './tap.ts'
import type { Tap } from './tap.ts'
import type { Dialer } from '../../src/index.ts'
import type { Libp2p } from '@libp2p/interface'
import type { ExecutionContext } from 'ava'

/** Invalid pipelines, with the text of the error */
const UNFIT: ReadonlyArray<[string, any, RegExp]> = [
  ['without a race', pipeline(fromCaller(), dialable()), /ends with candidates: put race\(\) below/],
  ['without a source', pipeline(dialable(), race()), /begins with "dialable", which needs candidates: put a source such as fromCaller\(\) above/],
  ['without a source, and with a nested pipeline', pipeline(pipeline('fit', dialable()), race()), /begins with "dialable", which needs candidates/],
  ['without a source or a race', pipeline(dialable()), /put a source.*put race\(\) below/],
  ['that is undefined', undefined, /needs a pipeline/],
  ['that is null', null, /needs a pipeline/],
  ['that is a factory', staggered, /needs a pipeline/],
  ['that is a list of stages', [fromCaller(), race()], /needs a pipeline/]
]

for (const [which, unfit, message] of UNFIT) {
  const expected = { name: 'InvalidPipelineError', message }

  test(`a pipeline ${which} throws InvalidPipelineError, and a running node keeps its own`, async t => {
    t.throws(() => dialer(unfit), expected)
    t.throws(() => dialer(unfit, { orElse: 'libp2p' }), expected)

    const { node, remote, nothingDialled } = await dialling(t)
    t.throws(() => attach(node, unfit), expected)
    t.throws(() => { node.services.dialer.use(unfit) }, expected)

    if (unfit !== undefined) {
      const refused = await t.throwsAsync(node.dial(addressesOf(remote), { pipeline: unfit }), expected)
      t.notRegex(refused?.message ?? '', /dialer\(/)
      await t.throwsAsync(node.dialProtocol(addressesOf(remote), '/test/1.0.0', { pipeline: unfit }), expected)
    }

    nothingDialled()
    leadsTo(t, await node.dial(addressesOf(remote)), remote)
  })
}

const MISPLACED: ReadonlyArray<[string, any[], RegExp]> = [
  ['a ranker below the race', [fromCaller(), race(), libp2pOrder()], /stage 3 "libp2p-order" needs candidates, but stands below "race", which yields connections/],
  ['a source below the race', [fromCaller(), race(), fromPeerStore()], /stage 3 "from-peer-store"/],
  ['two races', [fromCaller(), race(), race()], /stage 3 "race" needs candidates/],
  ['two misplaced stages', [fromCaller(), race(), take(1), race(), dialable()], /stage 3 "take".*stage 5 "dialable"/],
  ['a string for a stage', [fromCaller(), 'race', race()], /stage 2 is not a stage \('race'\)/],
  ['a factory that was not called', [fromCaller(), race], /stage 2 is a factory, not a stage: call it as race\(\)/],
  ['no stages', [], /it has no stages/]
]

for (const [what, stages, message] of MISPLACED) {
  test(`pipelineOf() throws InvalidPipelineError for ${what}`, t => {
    t.throws(() => pipelineOf(stages), { name: 'InvalidPipelineError', message })
  })
}

test('replacing or removing a stage that is missing or stands twice throws InvalidPipelineError', t => {
  const one: any = staggered()

  t.throws(() => one.replace('go-order', libp2pOrder()), { name: 'InvalidPipelineError', message: /There is no stage "go-order" in this pipeline. It has: from-caller, / })
  t.throws(() => one.after('take', take(1)).without('take'), { name: 'InvalidPipelineError', message: /There are 2 stages "take"/ })
  t.throws(() => one.without('race').without('nothing'), { name: 'InvalidPipelineError' })
})

test('fromConnectionManagerInit() throws for an unknown option of the connection manager', t => {
  t.throws(() => fromConnectionManagerInit({ maxDials: 1 } as object), { name: 'InvalidPipelineError', message: /has no option "maxDials"\. It has: addressDialTimeout, / })
})

test('a dial option that no stage reads rejects with UnsupportedDialOptionError, by each way to dial', async t => {
  const { node, remote, nothingDialled } = await dialling(t)
  node.services.dialer.use(staggered().without('provenance'))
  const { connectionManager } = (node as any).components
  const options: any = { provenance: ['user'] }
  const expected = { name: 'UnsupportedDialOptionError', message: /^No stage of this pipeline reads the option "provenance": put the stage provenance\(\) into it, .*The pipeline reads none$/ }

  await t.throwsAsync(node.dial(addressesOf(remote), options), expected)
  await t.throwsAsync(node.dialProtocol(addressesOf(remote), '/test/1.0.0', options), expected)
  await t.throwsAsync(connectionManager.openConnection(addressesOf(remote), options), expected)
  await t.throwsAsync(connectionManager.dialQueue.dial(addressesOf(remote), options), expected)
  nothingDialled()
})

test('a dial option that no stage of the dial\'s own pipeline reads rejects with UnsupportedDialOptionError', async t => {
  const { node, remote, nothingDialled } = await dialling(t)
  const reader = stage('reader', () => ({ candidates }) => candidates, { options: ['ofTheReader'] })
  const own = pipeline(fromCaller(), reader, dialable(), race())

  await t.throwsAsync(node.dial(addressesOf(remote), { pipeline: own, provenance: ['user'] }), { name: 'UnsupportedDialOptionError', message: /The pipeline reads: ofTheReader/ })
  nothingDialled()

  leadsTo(t, await node.dial(addressesOf(remote), { pipeline: own, ofTheReader: 1 } as object), remote)
})

test('an invalid target rejects with a named error and leaves nothing pending', async t => {
  const { node, nothingDialled } = await dialling(t)
  const [a, b] = await Promise.all([unreachablePeer(), newPeer()])
  const targets: ReadonlyArray<[unknown, string]> = [
    [[], 'NoValidAddressesError'],
    ['/ip4/192.0.2.1/tcp/4001', 'InvalidParametersError'],
    [`${a.peer}`, 'InvalidParametersError'],
    [[`${a.at}`], 'InvalidParametersError'],
    [[a.at, `${a.at}`], 'InvalidParametersError'],
    [[a.at, address(2, b)], 'InvalidParametersError'],
    [[a.at, address(2)], 'InvalidParametersError'],
    [[a.peer], 'InvalidMultiaddrError'],
    [undefined, 'InvalidMultiaddrError'],
    [null, 'InvalidMultiaddrError'],
    [{}, 'InvalidMultiaddrError'],
    [new URL('http://example.com'), 'InvalidMultiaddrError'],
    [multiaddr('/ip4/192.0.2.1/udp/4001/quic-v1'), 'NoValidAddressesError'],
    [multiaddr('/ip4/192.0.2.1'), 'NoValidAddressesError'],
    [a.at.encapsulate('/p2p-circuit'), 'NoValidAddressesError'],
    [node.peerId, 'InvalidPeerIdError'],
    [address(1, node.peerId), 'InvalidPeerIdError']
  ]

  for (const [target, name] of targets) {
    const { message } = await t.throwsAsync(node.dial(target as any), { name }, String(target))
    t.true(message.length > 10)
    await t.throwsAsync(node.dialProtocol(target as any, '/test/1.0.0'), { name }, String(target))
    nothingDialled()
  }
})

test.serial('a dial of promises rejects with InvalidMultiaddrError, and handles their rejections', async t => {
  const { node, nothingDialled } = await dialling(t)
  const unhandled = watchUnhandled(t)

  for (const target of [rejecting(), [rejecting(), rejecting()]]) {
    await t.throwsAsync(node.dial(target), { name: 'InvalidMultiaddrError', message: /^Cannot dial a promise: / })
  }

  t.deepEqual(await unhandled(), [])
  nothingDialled()
})

interface Dialling {
  node: Libp2p<{ dialer: Dialer }>
  remote: Libp2p
  wire: Tap
  nothingDialled (): void
}

async function dialling (t: ExecutionContext): Promise<Dialling> {
  const wire = tap()
  const [node, remote] = await Promise.all([
    listening(t, { listen: [], transports: [wire.transport], services: { dialer: dialer(staggered()) } }),
    listening(t)
  ])

  return {
    node,
    remote,
    wire,
    nothingDialled: () => {
      t.deepEqual(node.getDialQueue(), [])
      t.deepEqual(node.getConnections(), [])
      t.deepEqual(wire.addresses, [])
    }
  }
}

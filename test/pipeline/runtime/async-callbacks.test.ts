// async functions that reject, in place of each callback of the public API: the dial fails with an Error that names the stage, or connects,
// and no rejection is unhandled
import test from 'ava'
import { byReputation, dialable, expand, filter, fromCaller, hold, libp2pOrder, onlyIfNone, pace, pipelineOf, prefer, race, rank, rankBy, resolve, retry, source, stage, verify, when } from '../../../src/stages/index.ts'
import { settled } from '../../../src/testing/virtual-clock.ts'
import { address } from '../../helpers/address.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import { rejecting, rejectingThenable, unreadableThenable } from '../../helpers/thenable.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { watchUnhandled } from '../../helpers/unhandled.ts'
import type { AnyStage, AttemptLayer } from '../../../src/stages/index.ts'
import type { NodeSettings } from '../../../src/dialer/dials/dial-node.ts'

type Answer = () => any
/** Creates a stage whose callback returns the answer */
type Make = (answer: Answer) => AnyStage

/** Invalid answers of synchronous callbacks */
const ANSWERS: ReadonlyArray<[string, Answer]> = [
  ['a promise that rejects', rejecting],
  ['an array of promises that reject', () => [rejecting(), rejecting()]],
  ['a foreign thenable that rejects', rejectingThenable],
  ['a thenable that cannot be read', unreadableThenable]
]

const below = (run: any): AnyStage => stage({ name: 'odd', accepts: ['connections'], yields: 'connections', run })

/** Synchronous callbacks, by the name of their stage. They refuse each promise */
const PLAIN: ReadonlyArray<[string, string, Make]> = [
  ['a comparator of rank()', 'odd', answer => rank('odd', answer)],
  ['the second comparator of rank()', 'odd', answer => rank('odd', () => 0, answer)],
  ['the addressSorter of libp2pOrder()', 'libp2p-order', answer => libp2pOrder({ addressSorter: answer })],
  ['rankBy()', 'odd', answer => rankBy('odd', answer)],
  ['a pace', 'odd', answer => pace('odd', answer)],
  ['a pace, for each candidate,', 'odd', answer => pace('odd', () => answer)],
  ['a hold', 'odd', answer => hold('odd', answer)],
  ['a hold, for each candidate,', 'odd', answer => hold('odd', () => answer)],
  ['prefer()', 'prefer', prefer],
  ['onlyIfNone()', 'only-if-none', onlyIfNone],
  ['when()', 'dialable', answer => when(answer, dialable())],
  ['the beginning of a stage', 'odd', answer => stage('odd', answer)],
  ['a stage', 'odd', answer => stage('odd', () => answer)],
  ['a stage, in an array,', 'odd', answer => stage('odd', () => () => [answer()])]
]

for (const [what, name, make] of PLAIN) {
  for (const [answered, answer] of ANSWERS) {
    test.serial(`the dial fails with an Error that names the stage when ${what} returns ${answered}`, async t => {
      const error = await t.throwsAsync(dialled(t, [fromCaller(), make(answer), race()]), { name: 'InvalidStageOutputError' })
      t.regex(error?.message ?? '', new RegExp(`^Stage "${name}" `))
    })
  }
}

/** Callbacks that may return a promise. One that rejects affects only the candidates it answers for */
const ASYNC: ReadonlyArray<[string, AnyStage[], RegExp | undefined]> = [
  ['source()', [source('odd', rejecting)], undefined],
  ['an async generator of source()', [source('odd', async function * () { yield * await rejecting() })], undefined],
  ['filter()', [filter('odd', rejecting)], /database is down/],
  ['expand()', [expand('odd', rejecting)], /database is down/],
  ['byReputation()', [byReputation(rejecting)], undefined],
  ['byReputation() with a minScore', [byReputation(rejecting, { minScore: 1 })], /database is down/],
  ['canResolve() of a resolver', [resolve({ resolvers: { odd: { canResolve: rejecting as any, resolve: async () => [] } } })], /could not be resolved|resolves to nothing|no valid addresses/],
  ['resolve() of a resolver', [resolve({ resolvers: { odd: { canResolve: () => true, resolve: rejecting } } })], /database is down/]
]

for (const [what, stages, message] of ASYNC) {
  test.serial(`the dial ${message == null ? 'continues' : 'fails with its error'} when ${what} rejects`, async t => {
    const dial = dialled(t, [fromCaller(), ...stages, race()])

    if (message == null) {
      t.is((await dial).status, 'open')
    } else {
      const error: any = await t.throwsAsync(dial)
      t.regex([error, ...error.errors ?? []].map(({ message }: Error) => message).join('\n'), message)
    }
  })
}

/** Answers of the wrong shape from callbacks that may be asynchronous */
const LATE: ReadonlyArray<[string, AnyStage]> = [
  ['filter() answers an array of promises', filter('odd', (() => [rejecting(), rejecting()]) as any)],
  ['expand() answers an array of promises', expand('odd', (() => [rejecting(), rejecting()]) as any)],
  ['expand() answers a promise of promises', expand('odd', (async () => [rejecting(), rejecting()]) as any)],
  ['byReputation() answers an array of promises', byReputation((() => [rejecting(), rejecting()]) as any)]
]

for (const [what, odd] of LATE) {
  test.serial(`the dial fails with an Error that names the stage when ${what}`, async t => {
    const error = await t.throwsAsync(dialled(t, [fromCaller(), odd, race()]), { name: 'InvalidStageOutputError' })
    t.regex(error?.message ?? '', /^Stage "(odd|by-reputation)" /)
  })
}

const ODD_SOURCES: ReadonlyArray<[string, AnyStage]> = [
  ['source() answers strings', source('odd', (() => ['/ip4/192.0.2.1/tcp/4001']) as any)],
  ['source() answers an array of promises', source('odd', (() => [rejecting(), rejecting()]) as any)],
  ['source() answers a promise of promises', source('odd', (async () => [rejecting(), rejecting()]) as any)],
  ['source() answers a promise of nothing', source('odd', (async () => undefined) as any)],
  ['source() answers a promise of an async iterable', source('odd', (async () => (async function * () {})()) as any)]
]

for (const [what, odd] of ODD_SOURCES) {
  test.serial(`the dial connects to the address of its caller when ${what}`, async t => {
    t.is((await dialled(t, [fromCaller(), odd, race()])).status, 'open')
  })
}

for (const [what, stages] of [
  ['verify()', [race(), verify(rejecting)]],
  ['a layer around attempts', [race({ attempt: [rejecting as any] })]],
  ['an attempt of a layer', [race({ attempt: [() => rejecting] })]]
] as const) {
  test.serial(`each address fails with an Error when ${what} rejects`, async t => {
    const error: any = await t.throwsAsync(dialled(t, [fromCaller(), ...stages]), { instanceOf: AggregateError })
    t.true(error.errors.every((one: unknown) => one instanceof Error && /database is down|ECONNREFUSED|^Stage "race" has a layer .* a promise/.test(one.message)), String(error.errors))
  })
}

for (const [answered, answer] of ANSWERS) {
  test.serial(`the dial fails with an Error that names the stage when a stage in retry() returns ${answered}`, async t => {
    const again = retry(pipelineOf([stage('odd', () => answer), race()]) as any, { retries: 1, delay: 1 })
    await t.throwsAsync(dialled(t, [fromCaller(), again]), { name: 'InvalidStageOutputError', message: /^Stage "odd" / })
  })

  test.serial(`the dial fails with an Error that names the stage when run() of a stage below a race returns ${answered}`, async t => {
    await t.throwsAsync(dialled(t, [fromCaller(), race(), below(answer)]), { name: 'InvalidStageOutputError', message: /^Stage "odd" / })
  })
}

test.serial('the dial fails with the error of a rejected pending promise', async t => {
  await t.throwsAsync(dialled(t, [fromCaller(), stage('odd', (_dial, work) => {
    work.add(rejecting())

    return ({ candidates }) => candidates
  }), race()]), { message: 'the database is down (thrown by odd)' })
})

test.serial('the dial continues when the listeners of an attempt reject', async t => {
  const listening: AttemptLayer = next => async (candidate, options) => next(candidate, { ...options, onHeld: rejecting, onStart: rejecting, onFirstResponse: rejecting, onMark: rejecting })
  t.is((await dialled(t, [fromCaller(), race({ attempt: [listening] })])).status, 'open')
})

test.serial('the dial continues when its progress listener rejects, also when an open connection answers', async t => {
  const unhandled = watchUnhandled(t)
  const { engine, clock } = engineWorld(pipelineOf([fromCaller(), race()]) as any, { 1: { connects: 10 } })
  const peer = await newPeer()
  const connection = await clock.until(engine.dial(address(1, peer), { onProgress: rejecting }))
  t.is(await engine.dial(peer, { onProgress: rejecting }), connection)
  t.deepEqual(await unhandled(), [])
})

/** Dials two addresses, of which the second connects. Checks that no rejection is unhandled */
async function dialled (t: any, stages: readonly AnyStage[], settings: Partial<NodeSettings> = {}): Promise<any> {
  const unhandled = watchUnhandled(t)
  const peer = await newPeer()
  const { engine, clock, network } = engineWorld(pipelineOf(stages) as any, { 1: { refuses: 10 }, 2: { connects: 10 } }, { settings })

  try {
    return await clock.until(engine.dial([address(1, peer), address(2, peer)]))
  } finally {
    await engine.dials.idle()
    await settled()
    t.deepEqual(await unhandled(), [])
    t.true(network.open.length <= 1)
    t.is(clock.pending, 0)
  }
}

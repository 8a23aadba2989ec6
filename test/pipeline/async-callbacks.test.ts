// Async functions that reject, as every callback of the public API: the dial fails with an Error that names the stage, or connects, and
// no rejection is unhandled
import test from 'ava'
import { byHistory, byReputation, dialable, expand, filter, fromCaller, libp2pOrder, onlyIfNone, order, pace, pipelineOf, prefer, race, rank, resolve, retry, sift, source, stage, addressSorter, verify, when } from '../../src/stages/index.ts'
import { settled } from '../../src/testing/virtual-clock.ts'
import { rejectingThenable, unreadableThenable } from '../helpers/thenable.ts'
import { address, engineWorld, newPeer } from '../helpers/scripted.ts'
import { rejects, watchUnhandled } from '../helpers/unhandled.ts'
import type { AnyStageInit } from '../../src/stages/index.ts'
import type { NodeSettings } from '../../src/dialer/settings.ts'

type Answer = () => any
/** A stage whose callback gives an answer of its own */
type Make = (answer: Answer) => AnyStageInit

/** What is refused in the place of a plain answer */
const ANSWERS: ReadonlyArray<[string, Answer]> = [
  ['a promise that rejects', rejects],
  ['an array of promises that reject', () => [rejects(), rejects()]],
  ['a foreign thenable that rejects', rejectingThenable],
  ['a thenable that cannot be read', unreadableThenable]
]

const byHand = (run: any): AnyStageInit => stage({ name: 'odd', accepts: ['candidates'], yields: 'candidates', run })
const changing = (change: () => object): AnyStageInit => byHand(async function * (lists: any) {
  for await (const list of lists) {
    yield { ...list, ...change() }
  }
})

/** Callbacks that answer at once, by the name of their stage: any promise is refused */
const PLAIN: ReadonlyArray<[string, string, Make]> = [
  ['a comparator of rank()', 'odd', answer => rank('odd', answer)],
  ['the second comparator of rank()', 'odd', answer => rank('odd', () => 0, answer)],
  ['addressSorter()', 'address-sorter', addressSorter],
  ['the addressSorter of libp2pOrder()', 'libp2p-order', answer => libp2pOrder({ addressSorter: answer })],
  ['order()', 'odd', answer => order('odd', answer)],
  ['pace()', 'odd', answer => pace('odd', answer)],
  ['a pace', 'odd', answer => pace('odd', () => answer)],
  ['the time of a pace', 'odd', answer => pace('odd', () => ({ untried: [candidate] }) => candidate == null ? undefined : { candidate, at: answer() })],
  ['the choice of a pace', 'odd', answer => pace('odd', () => ({ now }) => ({ candidate: answer(), at: now }))],
  ['sift()', 'odd', answer => sift('odd', answer)],
  ['a judge of sift()', 'odd', answer => sift('odd', () => answer)],
  ['prefer()', 'prefer', prefer],
  ['onlyIfNone()', 'only-if-none', onlyIfNone],
  ['when()', 'dialable', answer => when(answer, dialable())],
  ['the random of byHistory()', 'by-history', answer => byHistory({ random: answer })],
  ['run() of a stage', 'odd', byHand],
  ['the candidates of a list', 'odd', answer => changing(() => ({ candidates: answer() }))],
  ['the pace of a list', 'odd', answer => changing(() => ({ pace: answer() }))],
  ['a pace of a list', 'odd', answer => changing(() => ({ pace: answer }))],
  ['what makes a stage', 'odd', answer => Object.defineProperties(() => answer(), { name: { value: 'odd' }, accepts: { value: { candidates: true } }, yields: { value: 'candidates' } }) as unknown as AnyStageInit]
]

for (const [what, name, make] of PLAIN) {
  for (const [answered, answer] of ANSWERS) {
    test.serial(`the dial fails with an Error that names the stage when ${what} answers ${answered}`, async t => {
      const error = await t.throwsAsync(dialled(t, [fromCaller(), make(answer), race()]), { name: 'InvalidStageOutputError' })
      t.regex(error?.message ?? '', new RegExp(`^Stage "${name}" `))
    })
  }
}

/** Callbacks that may answer a promise: one that rejects costs what it answers for */
const ASYNC: ReadonlyArray<[string, AnyStageInit[], RegExp | undefined]> = [
  ['source()', [source('odd', rejects)], undefined],
  ['an async generator of source()', [source('odd', async function * () { yield * await rejects() })], undefined],
  ['filter()', [filter('odd', rejects)], /database is down/],
  ['expand()', [expand('odd', rejects)], /database is down/],
  ['byReputation()', [byReputation(rejects)], undefined],
  ['byReputation() with a least', [byReputation(rejects, { least: 1 })], /database is down/],
  ['canResolve() of a resolver', [resolve({ resolvers: { odd: { canResolve: rejects as any, resolve: async () => [] } } })], /could not be resolved|resolves to nothing|no valid addresses/],
  ['resolve() of a resolver', [resolve({ resolvers: { odd: { canResolve: () => true, resolve: rejects } } })], /database is down/]
]

for (const [what, stages, message] of ASYNC) {
  test.serial(`the dial ${message == null ? 'goes on' : 'fails with its error'} when ${what} rejects`, async t => {
    const dial = dialled(t, [fromCaller(), ...stages, race()])

    if (message == null) {
      t.is((await dial).status, 'open')
    } else {
      const error: any = await t.throwsAsync(dial)
      t.regex([error, ...error.errors ?? []].map(({ message }: Error) => message).join('\n'), message)
    }
  })
}

/** Of what may be asynchronous, what is answered in the wrong shape */
const LATE: ReadonlyArray<[string, AnyStageInit]> = [
  ['source() answers an array of promises', source('odd', (() => [rejects(), rejects()]) as any)],
  ['source() answers a promise of promises', source('odd', (async () => [rejects(), rejects()]) as any)],
  ['source() answers a promise of nothing', source('odd', (async () => undefined) as any)],
  ['source() answers a promise of an async iterable', source('odd', (async () => (async function * () {})()) as any)],
  ['filter() answers an array of promises', filter('odd', (() => [rejects(), rejects()]) as any)],
  ['expand() answers an array of promises', expand('odd', (() => [rejects(), rejects()]) as any)],
  ['expand() answers a promise of promises', expand('odd', (async () => [rejects(), rejects()]) as any)],
  ['byReputation() answers an array of promises', byReputation((() => [rejects(), rejects()]) as any)]
]

for (const [what, odd] of LATE) {
  test.serial(`the dial fails with an Error that names the stage when ${what}`, async t => {
    const error = await t.throwsAsync(dialled(t, [fromCaller(), odd, race()]), { name: 'InvalidStageOutputError' })
    t.regex(error?.message ?? '', /^Stage "(odd|by-reputation)" /)
  })
}

for (const [what, stages] of [
  ['verify()', [race(), verify(rejects)]],
  ['a layer around attempts', [race({ attempt: [rejects as any] })]],
  ['an attempt of a layer', [race({ attempt: [() => rejects] })]]
] as const) {
  test.serial(`each address fails with an Error when ${what} rejects`, async t => {
    const error: any = await t.throwsAsync(dialled(t, [fromCaller(), ...stages]), { instanceOf: AggregateError })
    t.true(error.errors.every((one: unknown) => one instanceof Error && /database is down|ECONNREFUSED|^Stage "race" has a layer .* a promise/.test(one.message)), String(error.errors))
  })
}

test.serial('the dial fails with an Error that names the stage when run() of a stage in retry() answers a promise that rejects', async t => {
  const again = retry(pipelineOf([byHand(rejects), race()]) as any, { retries: 1, delay: 1 })
  await t.throwsAsync(dialled(t, [fromCaller(), again]), { name: 'InvalidStageOutputError', message: /^Stage "odd" / })
})

test.serial('the dial goes on when the listeners of an attempt reject', async t => {
  const own = stage({
    name: 'odd',
    accepts: ['candidates'],
    yields: 'connections',
    run: async function * (lists, dial) {
      for await (const { candidates: [, candidate] } of lists) {
        yield dial.attempt(candidate as any, { signal: dial.signal, onHeld: rejects, onStart: rejects, onFirstResponse: rejects, onMark: rejects })
      }
    }
  })
  t.is((await dialled(t, [fromCaller(), own])).status, 'open')
})

test.serial('the dial goes on when its progress listener rejects, also where an open connection answers it', async t => {
  const unhandled = watchUnhandled(t)
  const { engine, clock } = engineWorld(pipelineOf([fromCaller(), race()]) as any, { 1: { connects: 10 } })
  const peer = await newPeer()
  const connection = await clock.until(engine.dial(address(1, peer), { onProgress: rejects }))
  t.is(await engine.dial(peer, { onProgress: rejects }), connection)
  t.deepEqual(await unhandled(), [])
})

/** Dials two addresses, of which the second connects. No rejection is left unhandled */
async function dialled (t: any, stages: readonly AnyStageInit[], settings: Partial<NodeSettings> = {}): Promise<any> {
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

import { candidate, expand, filter, hold, pace, rank, rankBy, source, stage } from '../../src/stages/index.ts'
import { address } from '../helpers/address.ts'
import type { AnyStage, AttemptLayer, Work } from '../../src/stages/index.ts'

const rejects = async (): Promise<never> => { throw new Error('late') }

/** Sources with answers that are not of addresses. Each is named "odd" */
export const ODD_SOURCES: ReadonlyArray<[string, AnyStage]> = [
  ['a source that finds strings', source('odd', () => ['/ip4/192.0.2.1/tcp/4001'] as any)],
  ['a source that finds strings asynchronously', source('odd', async function * () { yield '/ip4/192.0.2.1/tcp/4001' as any })],
  ['a source that finds undefined', source('odd', () => undefined as any)],
  ['a source that finds a promise of undefined', source('odd', (async () => undefined) as any)]
]

/** Stages that break the rules. Each is named "odd" */
export const NONSENSE: ReadonlyArray<[string, AnyStage]> = [
  ['a filter that returns a number', filter('odd', () => 1 as any)],
  ['a filter that returns undefined', filter('odd', () => undefined as any)],
  ['a filter that returns a number asynchronously', filter('odd', async () => 1 as any)],
  ['an expansion to undefined', expand('odd', () => undefined as any)],
  ['an expansion to strings', expand('odd', () => ['/ip4/192.0.2.1/tcp/4001'] as any)],
  ['an expansion to strings asynchronously', expand('odd', async () => ['/ip4/192.0.2.1/tcp/4001'] as any)],
  ['an expansion to strings from a generator', expand('odd', async function * () { yield '/ip4/192.0.2.1/tcp/4001' as any })],
  ['a comparator that returns NaN', rank('odd', () => Number.NaN)],
  ['a comparator that returns undefined', rank('odd', () => undefined as any)],
  ['a score that is NaN', rankBy('odd', () => Number.NaN)],
  ['a score that is a string', rankBy('odd', () => 'first' as any)],
  ['a score that is a promise', rankBy('odd', (async () => 1) as any)],
  ['a pace that returns undefined', pace('odd', () => undefined as any)],
  ['a pace that says NaN', pace('odd', () => Number.NaN)],
  ['a pace that says NaN for a candidate', pace('odd', () => () => Number.NaN)],
  ['a pace that returns asynchronously', pace('odd', (async () => 250) as any)],
  ['a hold that says a string', hold('odd', () => 'soon' as any)],
  ['a hold that says a string for a candidate', hold('odd', () => () => 'soon' as any)],
  ['a hold that adds undefined to a time', hold('odd', race => (race as any).now + 250)],
  ['a stage that begins with undefined', stage('odd', () => undefined as any)],
  ['a stage that begins with candidates', stage('odd', ({ candidates }: any) => candidates)],
  ['a stage that begins asynchronously', stage('odd', (async () => () => []) as any)],
  ['a stage that begins asynchronously and rejects', stage('odd', rejects as any)],
  ['a stage that returns a promise that rejects', byHand(rejects)],
  ['a hold that rejects', hold('odd', rejects as any)],
  ['a pace that rejects for a candidate', pace('odd', () => rejects as any)],
  ['a score that rejects', rankBy('odd', rejects as any)],
  ['a comparator that rejects', rank('odd', rejects as any)],
  ['a stage that returns undefined', byHand(() => undefined)],
  ['a stage that returns the list instead of its candidates', byHand(list => list)],
  ['a stage that returns asynchronously', byHand(async ({ candidates }) => candidates)],
  ['a stage that returns strings', byHand(() => ['/ip4/192.0.2.1/tcp/4001'])],
  ['a stage that returns multiaddrs', byHand(() => [address(1)])],
  ['a stage that returns copies of candidates', byHand(({ candidates }) => candidates.map((one: object) => ({ ...one })))],
  ['a stage that returns a candidate twice', byHand(({ candidates }) => [...candidates, ...candidates])],
  ['a stage that returns an address of another peer', byHand(({ candidates }) => [...candidates, candidate(address(9).encapsulate('/p2p/12D3KooWJRSrypvnpHgc6ZAgyCni4KcSmbV7uGRaMw5LgMKT18fq'))])],
  ['a stage with a pace that is a number', working(work => { work.pace(250 as any) })],
  ['a stage with a hold that is undefined', working(work => { work.hold(undefined as any) })],
  ['a stage with work that is a number', working(work => { work.add(250 as any) })],
  ['a stage that waits for NaN', working(work => { work.after(Number.NaN) })],
  ['a stage that asks for the time of a string', working(work => { work.at('soon' as any) })]
]

/** Stages that throw an error of their own, which reaches the caller unchanged */
export const BROKEN: ReadonlyArray<[string, (thrown: Error) => AnyStage]> = [
  ['a filter', thrown => filter('odd', () => { throw thrown })],
  ['a filter, asynchronously', thrown => filter('odd', async () => { throw thrown })],
  ['an expansion', thrown => expand('odd', () => { throw thrown })],
  ['an expansion, asynchronously', thrown => expand('odd', async () => { throw thrown })],
  ['an expansion, from a generator', thrown => expand('odd', async function * () { yield * []; throw thrown })],
  ['a comparator', thrown => rank('odd', () => { throw thrown })],
  ['a score', thrown => rankBy('odd', () => { throw thrown })],
  ['a pace', thrown => pace('odd', () => { throw thrown })],
  ['a pace for one candidate', thrown => pace('odd', () => () => { throw thrown })],
  ['a hold', thrown => hold('odd', () => { throw thrown })],
  ['a hold for one candidate', thrown => hold('odd', () => () => { throw thrown })],
  ['the begin of a stage', thrown => stage('odd', () => { throw thrown })],
  ['a stage that is asked', thrown => byHand(() => { throw thrown })],
  ['work of a stage', thrown => working(work => { work.add(Promise.reject(thrown)) })]
]

/** Attempt layers that break the rules, with the expected error message */
export const LAYERS: ReadonlyArray<[string, AttemptLayer, RegExp]> = [
  ['throws', () => () => { throw new Error('the layer is broken') }, /^the layer is broken$/],
  ['rejects', () => async () => { throw new Error('the layer is broken') }, /^the layer is broken$/],
  ['rejects with nothing', () => async () => { throw undefined as unknown as Error }, /^Rejected with undefined$/],
  ['is no layer', (() => undefined) as any, /^Stage "race" has a layer around its attempts that is undefined where a function was expected$/],
  ['is a promise of an attempt', (async (next: any) => next) as any, /has a layer around its attempts that is a promise where/]
]

/** Attempt layers that return something other than a connection */
export const NO_CONNECTIONS: ReadonlyArray<[string, AttemptLayer]> = [
  ['resolves with undefined', () => async () => undefined as any],
  ['resolves with something else than a connection', () => async () => ({}) as any],
  ['returns undefined instead of a promise', () => () => undefined as any]
]

function byHand (answer: (list: any) => unknown): AnyStage {
  return stage('odd', () => answer as any)
}

function working (begin: (work: Work) => void): AnyStage {
  return stage('odd', (_dial, work) => {
    begin(work)

    return ({ candidates }) => candidates
  })
}

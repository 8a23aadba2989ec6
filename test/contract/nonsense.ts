import { candidate, every, expand, filter, order, pace, rank, sift, source, stage } from '../../src/stages/index.ts'
import { place } from './places.ts'
import type { AnyStageInit, AttemptLayer } from '../../src/stages/index.ts'

/** What a stage may do that no stage should. They are all called "odd" */
export const NONSENSE: ReadonlyArray<[string, AnyStageInit]> = [
  ['a source that finds strings', source('odd', () => ['/ip4/192.0.2.1/tcp/4001'] as any)],
  ['a source that finds strings after a while', source('odd', async function * () { yield '/ip4/192.0.2.1/tcp/4001' as any })],
  ['a source that finds nothing at all', source('odd', () => undefined as any)],
  ['a source that finds a promise of nothing', source('odd', (async () => undefined) as any)],
  ['a filter that answers a number', filter('odd', () => 1 as any)],
  ['a filter that does not answer', filter('odd', () => undefined as any)],
  ['a filter that answers a number after a while', filter('odd', async () => 1 as any)],
  ['a sift that does not answer', sift('odd', () => () => undefined as any)],
  ['an expansion to nothing at all', expand('odd', () => undefined as any)],
  ['an expansion to strings', expand('odd', () => ['/ip4/192.0.2.1/tcp/4001'] as any)],
  ['an expansion to strings after a while', expand('odd', async () => ['/ip4/192.0.2.1/tcp/4001'] as any)],
  ['an expansion to strings as they come', expand('odd', async function * () { yield '/ip4/192.0.2.1/tcp/4001' as any })],
  ['a comparator that answers NaN', rank('odd', () => Number.NaN)],
  ['a comparator that does not answer', rank('odd', () => undefined as any)],
  ['an order with a stranger', order('odd', () => [candidate(place(9))])],
  ['an order with one twice', order('odd', candidates => [...candidates, ...candidates])],
  ['an order that leaves one out', order('odd', candidates => candidates.slice(1))],
  ['an order that does not answer', order('odd', () => undefined as any)],
  ['a pace that is none', pace('odd', () => 250 as any)],
  ['a pace that says NaN', pace('odd', () => ({ untried: [one] }) => one == null ? undefined : { candidate: one, at: Number.NaN })],
  ['a pace that says never', pace('odd', () => ({ untried: [one] }) => one == null ? undefined : { candidate: one, at: Infinity })],
  ['a pace that says a time below zero', pace('odd', () => ({ untried: [one] }) => one == null ? undefined : { candidate: one, at: -1 })],
  ['a pace that chooses a stranger', pace('odd', () => ({ now }) => ({ candidate: candidate(place(9)), at: now }))],
  ['a pace that chooses nobody', pace('odd', () => ({ now }) => ({ at: now }) as any)],
  ['a stage that yields nothing', byHand(() => undefined)],
  ['a stage that yields candidates where a list is expected', byHand(({ candidates }) => candidates)],
  ['a stage that yields a list without candidates', byHand(({ candidates, ...rest }) => rest)],
  ['a stage that yields a list that may be complete', byHand(list => ({ ...list, complete: undefined }))],
  ['a stage that yields a list of no revision', byHand(list => ({ ...list, revision: undefined }))],
  ['a stage that yields strings', byHand(list => ({ ...list, candidates: ['/ip4/192.0.2.1/tcp/4001'] }))],
  ['a stage that yields candidates of its own making', byHand(list => ({ ...list, candidates: list.candidates.map((one: object) => ({ ...one })) }))],
  ['a stage that yields one twice', byHand(list => ({ ...list, candidates: [...list.candidates, ...list.candidates] }))],
  ['a stage that yields an address of another peer', byHand(list => ({ ...list, candidates: [...list.candidates, candidate(place(9).encapsulate('/p2p/12D3KooWJRSrypvnpHgc6ZAgyCni4KcSmbV7uGRaMw5LgMKT18fq'))] }))],
  ['a stage that yields a pace that is none', byHand(list => ({ ...list, pace: 250 }))],
  ['a stage that yields a pace that says NaN', byHand(list => ({ ...list, pace: ({ untried: [one] }: any) => one == null ? undefined : { candidate: one, at: Number.NaN } }))]
]

/** The same with errors of their own, which reach the caller as they are */
export const BROKEN: ReadonlyArray<[string, (thrown: Error) => AnyStageInit]> = [
  ['a filter', thrown => filter('odd', () => { throw thrown })],
  ['a filter, after a while', thrown => filter('odd', async () => { throw thrown })],
  ['a sift', thrown => sift('odd', () => () => { throw thrown })],
  ['an expansion', thrown => expand('odd', () => { throw thrown })],
  ['an expansion, after a while', thrown => expand('odd', async () => { throw thrown })],
  ['an expansion, as it comes', thrown => expand('odd', async function * () { yield * []; throw thrown })],
  ['a comparator', thrown => rank('odd', () => { throw thrown })],
  ['an order', thrown => order('odd', () => { throw thrown })],
  ['what makes a pace', thrown => pace('odd', () => { throw thrown })],
  ['a pace', thrown => pace('odd', () => () => { throw thrown })],
  ['a pace that wraps another', thrown => pace('odd', () => race => { every(250)(race); throw thrown })],
  ['a stage, at once', thrown => stage({ name: 'odd', accepts: ['candidates'], yields: 'candidates', run: () => { throw thrown } })],
  ['a stage, when it is asked', thrown => byHand(() => { throw thrown })]
]

/** Around an attempt, with what the error says */
export const LAYERS: ReadonlyArray<[string, AttemptLayer, RegExp]> = [
  ['throws', () => () => { throw new Error('the layer is broken') }, /^the layer is broken$/],
  ['rejects', () => async () => { throw new Error('the layer is broken') }, /^the layer is broken$/],
  ['rejects with nothing', () => async () => { throw undefined as unknown as Error }, /^Rejected with undefined$/],
  ['is no layer', (() => undefined) as any, /^Stage "race" has a layer around its attempts that is undefined where a function was expected$/],
  ['answers a promise of an attempt', (async (next: any) => next) as any, /has a layer around its attempts that is a promise where/]
]

/** The same, with what is no connection */
export const NO_CONNECTIONS: ReadonlyArray<[string, AttemptLayer]> = [
  ['answers nothing', () => async () => undefined as any],
  ['answers what is no connection', () => async () => ({}) as any],
  ['does not answer a promise', () => () => undefined as any]
]

function byHand (change: (list: any) => unknown): AnyStageInit {
  return stage({
    name: 'odd',
    accepts: ['candidates'],
    yields: 'candidates',
    run: async function * (lists) {
      for await (const list of lists) {
        yield change(list) as any
      }
    }
  })
}

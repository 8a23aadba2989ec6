import { setTimeout as sleep } from 'node:timers/promises'
import { Busy } from './busy.ts'
import { diallingNode } from './dialling-node.ts'
import { shuffled } from './random.ts'
import { trial } from './trial.ts'
import type { DiallingNode } from './dialling-node.ts'
import type { Random } from './random.ts'
import type { Strategy } from './strategies.ts'
import type { Peer, Trial } from './trial.ts'
import type { Belief } from '../../src/history/belief.ts'

/** The number of peers that all strategies dial before the next peers follow */
const CHUNK = 20

/** Milliseconds between the starts of two trials. A dial takes 4.5 ms of both ends' processor time together, and neither end may be busy */
export const GAP = 30

/** The number of nodes that start or stop at the same time */
const NODES = 16

export interface Measurement {
  /** The result of each peer in the order of the peers, by strategy */
  readonly trials: ReadonlyMap<string, readonly Trial[]>
  /** The load of this machine's processors while trials ran, and of the one that this process uses */
  readonly busy: { readonly machine: number, readonly dialer: number }
}

export interface MeasureInit {
  readonly strategies: readonly Strategy[]
  readonly peers: readonly Peer[]
  /** The peers that a strategy with a history dials beforehand */
  readonly lessons: readonly Peer[]
  readonly belief: Partial<Belief>
  readonly random: Random
  readonly onProgress: (text: string) => void
}

/**
 * Has every strategy dial every peer. The strategies take turns in random order every few peers, so that other work of the machine affects all
 * strategies equally
 */
export async function measure ({ strategies, peers, lessons, belief, random, onProgress }: MeasureInit): Promise<Measurement> {
  const trials = new Map(strategies.map(({ name }) => [name, [] as Trial[]]))
  const busy = new Busy()
  const taught = new Map<Strategy, DiallingNode>()

  for (const strategy of strategies.filter(({ knows }) => knows === 'history')) {
    const node = await diallingNode(strategy.pipeline)
    taught.set(strategy, node)
    await Promise.all(lessons.map(async (peer, i) => {
      await sleep(i * GAP)
      await trial(node, strategy, peer)
    }))
  }

  for (let first = 0; first < peers.length; first += CHUNK) {
    onProgress(`${first} of ${peers.length} peers`)
    const pairs = peers.slice(first, first + CHUNK).flatMap((peer, i) => strategies.map(strategy => ({ strategy, peer, place: first + i })))
    const ready = await inBatches(shuffled(pairs, random), async pair => ({ ...pair, node: taught.get(pair.strategy) ?? await newNode(pair.strategy, belief) }))

    busy.start()
    await Promise.all(ready.map(async ({ node, strategy, peer, place }, i) => {
      await sleep(i * GAP)
      const results = trials.get(strategy.name) ?? []
      results[place] = await trial(node, strategy, peer)
    }))
    busy.pause()

    await inBatches(ready, async ({ node, strategy }) => {
      if (!taught.has(strategy)) {
        await node.stop()
      }
    })
  }

  await Promise.all([...taught.values()].map(async node => node.stop()))

  return { trials, busy: busy.shares }
}

async function newNode ({ pipeline, knows }: Strategy, belief: Partial<Belief>): Promise<DiallingNode> {
  return diallingNode(pipeline, { dialer: knows === 'beliefs' ? { history: { belief } } : {} })
}

async function inBatches<T, R> (items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []

  for (let i = 0; i < items.length; i += NODES) {
    results.push(...await Promise.all(items.slice(i, i + NODES).map(work)))
  }

  return results
}

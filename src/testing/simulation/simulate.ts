import { checkConnects } from '../../dialer/dials/pipelines.ts'
import { checkArguments, checkOptions } from '../../pipeline/check-options.ts'
import { NUMBER, OBJECT, oneOf, required, WHOLE_NUMBER } from '../../pipeline/option-kinds.ts'
import { simulatedNode } from './node.ts'
import { seedOf } from './random.ts'
import type { SimulatedNetwork } from './network.ts'
import type { SimulatedDial, SimulatedNode, SimulatedNodeInit } from './node.ts'
import type { OptionKind } from '../../pipeline/option-kinds.ts'
import type { DialPipeline, DialPipelineOptions } from '../../pipeline/types.ts'

/** Options of `simulate()` */
export interface SimulateInit extends SimulatedNodeInit {
  /** The network of the dialled peers */
  readonly network: SimulatedNetwork
  /** The number of peers to dial */
  readonly peers: number
  /**
   * The number of the first peer. A large simulation can be split: parts that begin at multiples of 20 yield the same results as the whole
   *
   * @default 0
   */
  readonly first?: number | undefined
  /**
   * The history of the node that dials:
   *
   * - `nothing`: a new node dials each peer
   * - `others`: one node dials 20 peers, after it has dialled 50 other peers of the network
   * - `peers`: as `others`, and the node has dialled these 20 peers once, a minute before
   *
   * @default 'nothing'
   */
  readonly knows?: 'nothing' | 'others' | 'peers' | undefined
  /** The options of each dial, such as `runOnLimitedConnection` */
  readonly options?: DialPipelineOptions | undefined
}

/** The number of peers that a node with a history dials, and of other peers that it dials before */
const PEERS_A_NODE = 20
const OTHERS = 50

/** The number of the first of the other peers */
const FIRST_OTHER = 1_000_000_000

/** Milliseconds between two dials, and before the peers are dialled again */
const GAP = 1_000
const PAUSE = 60_000

const NETWORK: OptionKind = { expected: 'a simulated network', test: value => typeof (value as SimulatedNetwork | null | undefined)?.peer === 'function' }

const OPTIONS = { network: required(NETWORK), peers: required(WHOLE_NUMBER), first: WHOLE_NUMBER, knows: oneOf('nothing', 'others', 'peers'), belief: OBJECT, seed: NUMBER, options: OBJECT }

/**
 * Dials peers of a simulated network, and yields the result of each dial. The same network, pipeline and seed yield the same results. Every
 * pipeline meets the same peers with the same jitter and losses.
 *
 * ```ts
 * for await (const { time, attempts } of simulate(adaptive(), { network, peers: 100 })) {
 *   console.log(time, attempts.length)
 * }
 * ```
 *
 * @param pipeline the pipeline of every dial
 * @param init the network, the number of peers, and what the node knows
 * @throws InvalidPipelineError for a pipeline that cannot dial, and for an unknown or wrong option
 */
export function simulate (pipeline: DialPipeline, init: SimulateInit): AsyncGenerator<SimulatedDial> {
  checkArguments('simulate()', arguments, 2)
  checkConnects(pipeline, 'simulate(adaptive(), { network, peers: 100 })')
  checkOptions('simulate()', init, OPTIONS)
  const { network, peers, first = 0, knows = 'nothing', belief, seed = 1, options = {} } = init
  const newNode = (i: number): SimulatedNode => simulatedNode(pipeline, { belief, seed: seedOf(seed, i) })
  return knows === 'nothing' ? dialByNewNodes() : dialByLearnedNodes(knows)

  async function * dialByNewNodes (): AsyncGenerator<SimulatedDial> {
    for (let n = first; n < first + peers; n++) {
      yield await newNode(n).dial(network.peer(n, 1), options)
    }
  }

  async function * dialByLearnedNodes (knows: 'others' | 'peers'): AsyncGenerator<SimulatedDial> {
    for (let begin = first; begin < first + peers; begin += PEERS_A_NODE) {
      const node = newNode(begin)
      const end = Math.min(begin + PEERS_A_NODE, first + peers)

      for (let i = 0; i < OTHERS; i++) {
        await node.dial(network.peer(FIRST_OTHER + begin / PEERS_A_NODE * OTHERS + i), options)
        await node.clock.advance(GAP)
      }

      for (let n = begin; knows === 'peers' && n < end; n++) {
        await node.dial(network.peer(n), options)
        await node.clock.advance(GAP)
      }

      await node.clock.advance(PAUSE)

      for (let n = begin; n < end; n++) {
        yield await node.dial(network.peer(n, 1), options)
        await node.clock.advance(GAP)
      }
    }
  }
}

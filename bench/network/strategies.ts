import { adaptive, aggressive, frugal, goLike, quicFirst, staggered } from '../../presets/index.ts'
import { stagger } from '../../src/stages/stagger.ts'
import type { DialPipeline } from '../../src/index.ts'

/**
 * The knowledge of the dialling node:
 *
 * - `nothing`: a new node for each dial
 * - `beliefs`: a new node for each dial, configured with the probability that an address is good
 * - `history`: a node that has dialled before
 */
export type Knowledge = 'nothing' | 'beliefs' | 'history'

export interface Strategy {
  readonly name: string
  /** The pipeline of the node. Undefined: libp2p's own dialer */
  readonly pipeline?: DialPipeline
  readonly knows: Knowledge
  /** A way to dial without a dialer. Default: the node dials the addresses of the peer through its dialer */
  readonly dials?: 'all at once' | 'every 250 ms' | 'the best'
}

export const STOCK = 'stock libp2p'
export const FIXED = 'fixed 250 ms'
export const FIXED_BARE = 'fixed 250 ms, without a dialer'
export const FIXED_100 = 'fixed 100 ms'
export const ALL = 'all at once'
export const GO = 'goLike()'
export const FIXED_QUIC_FIRST = 'fixed 250 ms, QUIC first'
export const ORACLE = 'oracle'

/** The strategies that are measured in every scenario */
export const strategies: readonly Strategy[] = [
  { name: STOCK, knows: 'nothing' },
  { name: ALL, knows: 'nothing', dials: 'all at once' },
  { name: FIXED, knows: 'nothing', pipeline: staggered() },
  { name: FIXED_100, knows: 'nothing', pipeline: staggered().replace('stagger', stagger(100)) },
  { name: FIXED_QUIC_FIRST, knows: 'nothing', pipeline: quicFirst() },
  { name: GO, knows: 'nothing', pipeline: goLike() },
  ...knowing('adaptive()', adaptive(), ['nothing', 'beliefs', 'history']),
  ...knowing('frugal()', frugal(), ['beliefs', 'history']),
  ...knowing('aggressive()', aggressive(), ['beliefs']),
  { name: ORACLE, knows: 'nothing', dials: 'the best' }
]

/** A strategy for crowds: it shows whether the slots of a pipeline keep the event loop free, or its pace alone */
export const bare: Strategy = { name: FIXED_BARE, knows: 'nothing', dials: 'every 250 ms' }

export function nameOf (preset: string, knows: Knowledge): string {
  return `${preset}, ${{ nothing: 'cold', beliefs: 'told', history: 'with history' }[knows]}`
}

function knowing (preset: string, pipeline: DialPipeline, all: readonly Knowledge[]): Strategy[] {
  return all.map(knows => ({ name: nameOf(preset, knows), pipeline, knows }))
}

import { adaptive, aggressive, frugal, goLike, staggered, stock } from '../../presets/index.ts'
import { stagger } from '../../src/stages/stagger.ts'
import type { DialPipeline } from '../../src/index.ts'
import type { SimulateInit } from '../../src/testing/index.ts'

export interface SimulatedDialer {
  readonly name: string
  /** The pipeline. Undefined: the result is computed from the best address alone (`best`), or from all addresses at once (`all`) */
  readonly pipeline?: DialPipeline
  readonly computed?: 'best' | 'all'
  readonly knows?: SimulateInit['knows']
  /** Whether the dialer gets the belief of the family, if it has one */
  readonly usesBelief?: boolean
}

export const STOCK = 'stock()'
export const FIXED_250 = 'fixed 250 ms'
export const FIXED_100 = 'fixed 100 ms'
export const GO = 'goLike()'
export const ALL = 'all at once'
export const ORACLE = 'oracle'

export const RIVALS = [STOCK, FIXED_250, FIXED_100, GO, ALL]

export const COLD = 'adaptive(), cold'
export const OTHERS = 'adaptive(), after 50 others'
export const HISTORY = 'adaptive(), with history'
export const TOLD = 'adaptive(), told'

/** The dialers of the claims */
export const OURS = [COLD, OTHERS, HISTORY]

/** The dialers of every table. The oracle comes first: it shows what is possible */
export const dialers: readonly SimulatedDialer[] = [
  { name: ORACLE, computed: 'best' },
  { name: ALL, computed: 'all' },
  { name: STOCK, pipeline: stock() },
  { name: FIXED_250, pipeline: staggered() },
  { name: FIXED_100, pipeline: staggered().replace('stagger', stagger(100)) },
  { name: GO, pipeline: goLike() },
  { name: COLD, pipeline: adaptive() },
  { name: TOLD, pipeline: adaptive(), usesBelief: true },
  { name: OTHERS, pipeline: adaptive(), knows: 'others' },
  { name: HISTORY, pipeline: adaptive(), knows: 'peers' }
]

/** The additional dialers of `--all` */
export const furtherDialers: readonly SimulatedDialer[] = ([['frugal()', frugal()], ['aggressive()', aggressive()]] as const).flatMap(([name, pipeline]) => [
  { name: `${name}, cold`, pipeline },
  { name: `${name}, after 50 others`, pipeline, knows: 'others' as const },
  { name: `${name}, with history`, pipeline, knows: 'peers' as const }
])

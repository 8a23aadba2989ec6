import { adaptive, staggered } from '../../presets/index.ts'
import type { DialPipeline } from '../../src/index.ts'
import type { Libp2pOptions } from 'libp2p'

export interface BenchDialer {
  readonly name: string
  /** The pipeline. Undefined: the node keeps libp2p's own dialer */
  readonly pipeline?: DialPipeline
  readonly connectionManager?: Libp2pOptions['connectionManager']
  /** The number of rounds for scenarios with an address that never answers */
  readonly slowRounds: number
}

export const STOCK = 'libp2p'
export const TUNED = 'libp2p, addressDialTimeout: 500'
export const STAGGERED = 'staggered()'
export const ADAPTIVE = 'adaptive()'

/** The dialers under test. Each of libp2p's own dials takes 6 to 10 s if an address never answers */
export const dialers: readonly BenchDialer[] = [
  { name: STOCK, slowRounds: 3 },
  { name: TUNED, connectionManager: { addressDialTimeout: 500 }, slowRounds: 10 },
  { name: STAGGERED, pipeline: staggered(), slowRounds: 10 },
  { name: ADAPTIVE, pipeline: adaptive(), slowRounds: 10 }
]

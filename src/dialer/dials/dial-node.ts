import type { Attempts } from '../attempts/attempts.ts'
import type { DialBarrier } from './dial-barrier.ts'
import type { DialComponents } from '../../pipeline/types.ts'
import type { Logger } from '@libp2p/interface'

/** The parts of a node that its dials share */
export interface DialNode {
  readonly components: DialComponents
  readonly attempts: Attempts
  readonly log: Logger
  /** Under the name of libp2p's own dialer */
  readonly queueLog: Logger
  /** Where dials wait while the node has yet to read what it knows */
  readonly barrier: DialBarrier
}

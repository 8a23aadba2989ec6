import type { AttemptGroup } from './attempt-group.ts'
import type { HeldConnections } from './held-connections.ts'
import type { Slots } from './slots.ts'
import type { Turns } from './turns.ts'
import type { Logger } from '@libp2p/interface'

/** The parts of a node that its attempts share */
export interface AttemptContext {
  readonly slots: Slots
  readonly turns: Turns
  readonly held: HeldConnections<AttemptGroup['taker']>
  readonly log: Logger
}

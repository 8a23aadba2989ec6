import type { ConnectionDrain } from './connection-drain.ts'
import type { Connection } from '@libp2p/interface'

/** A connection to a peer that has several */
export interface Member {
  readonly connection: Connection
  /** Whether the connection takes part */
  isAdopted: boolean
  cancelAdoption?: () => void
  /** Whether this end may close the connection although the remote dialled it */
  isReleased?: boolean
  drain?: ConnectionDrain
}

/** Ends the drain of a connection that is not redundant any more */
export function cancelDrain (member: Member): void {
  member.drain?.end()
  member.drain = undefined
}

/** Ends the timers of a connection that has closed, or is not tracked any more */
export function cancelTimers (member: Member): void {
  member.cancelAdoption?.()
  cancelDrain(member)
}

import type { ConnectionDrain } from './connection-drain.ts'
import type { Connection } from '@libp2p/interface'

/** A connection, where a peer has several */
export interface Member {
  readonly connection: Connection
  /** Takes part */
  isAdopted: boolean
  cancelAdoption?: () => void
  /** Whether this end may close a connection that the remote has dialled */
  isReleased?: boolean
  drain?: ConnectionDrain
  /** The drain may close it, as far as was known when that began */
  isClosable?: boolean
}

/** Ends what would close a connection: none does, as far as is known now */
export function keep (member: Member): void {
  member.drain?.end()
  member.drain = undefined
  member.isClosable = undefined
}

/** Ends what was begun for a connection that is closed, or whose peer nobody follows any more */
export function leave (member: Member): void {
  member.cancelAdoption?.()
  keep(member)
}

import type { ConnectionDrain } from './connection-drain.ts'
import type { Connection } from '@libp2p/interface'

/** One of several connections to a peer */
export interface Member {
  readonly connection: Connection
  /** Takes part */
  isAdopted: boolean
  cancelAdoption?: () => void
  /** It may be closed although the remote has dialled it */
  isReleased?: boolean
  drain?: ConnectionDrain
  /** The drain may close it, as far as was known when that began */
  isClosable?: boolean
}

/** It stays, as far as is known now */
export function keep (member: Member): void {
  member.drain?.end()
  member.drain = undefined
  member.isClosable = undefined
}

/** It is closed, or nobody follows its peer any more */
export function leave (member: Member): void {
  member.cancelAdoption?.()
  keep(member)
}

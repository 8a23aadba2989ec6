import { transportOf } from './transport.ts'
import type { ConnectionInfo } from './keeper.ts'
import type { PeerHost } from './peer-host.ts'
import type { ConnectionDrain } from './connection-drain.ts'
import type { Connection } from '@libp2p/interface'

/** Milliseconds between two looks whether a dial or `verifyInbound` has decided on a connection */
export const LOOK_AFTER = 1_000

export interface Member {
  readonly connection: Connection
  isAdopted: boolean
  cancelAdoption?: () => void
  /** Whether this end may close the connection although the remote dialled it */
  isReleased?: boolean
  /** Whether the connection did not answer while another one did. New streams do not use it */
  isSilent?: boolean
  /** Time on the clock when the remote last answered a `SilenceCheck` */
  answeredAt?: number
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

/** Calls a function after `ms` milliseconds, or later, once a dial or `verifyInbound` has decided on the connection */
export function whenDecided (member: Member, ms: number, host: PeerHost, adopt: () => void): void {
  member.cancelAdoption = host.clock.setTimeout(() => {
    if (host.isUndecided(member.connection)) {
      whenDecided(member, LOOK_AFTER, host, adopt)
    } else {
      adopt()
    }
  }, ms)
}

/** Returns the connections with the facts by which they are compared. `self` is this node's peer id */
export function infoOf (members: readonly Member[], self: string): Array<ConnectionInfo<Connection>> {
  return members.map(({ connection, answeredAt }) => {
    const { limits, direct, remoteAddr, remotePeer, direction, rtt } = connection
    const initiator = direction === 'outbound' ? self : remotePeer.toString()

    return { connection, answeredAt, facts: { isLimited: limits != null, isRelayed: !direct, transport: transportOf(remoteAddr), initiator, rtt } }
  })
}

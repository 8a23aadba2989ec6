import type { OuterDial } from './nested.ts'
import type { TransportOptions } from './transport-options.ts'
import type { DialPolicy } from '../../pipeline/dial-policy.ts'
import type { Connection } from '@libp2p/interface'

/** The part of one dial in an attempt that dials share. It is told what happens, in the same turn, until it leaves or the attempt ends */
export interface Participant {
  readonly dial: OuterDial
  readonly policy: DialPolicy
  /** Beside what the dialer itself hands to the transport */
  readonly transportOptions: TransportOptions
  /** The same, of a layer around this attempt alone: it is not shared */
  readonly ownTransportOptions?: Readonly<Record<string, unknown>>
  /** Whether the dial has left the places of the address to others before */
  readonly hasLeftPlace: boolean
  /** Whether the attempt may begin anew, which has been silent for so many milliseconds */
  mayRestart (age: number): boolean
  /** The attempt waits for a place of an untrusted address */
  onHeld (): void
  onStart (at: number): void
  /** The remote was first heard of */
  onFirstResponse (at: number): void
  /** The transport has told something, by the type of the event */
  onMark (type: string, at: number): void
  onProgress (event: unknown): void
  /** The attempt begins anew in another network: it fails with RESTARTED */
  onRestart (): void
  /** The attempt leaves its places to others: it fails with PLACE_LEFT */
  onPlaceLeft (): void
  onConnected (connection: Connection): void
  onFailed (error: Error): void
}

import type { OuterDial } from './nested.ts'
import type { TransportOptions } from './transport-options.ts'
import type { DialPolicy } from '../../pipeline/dial-policy.ts'

/** What a dial wants of an attempt */
export interface AttemptRequest {
  policy: DialPolicy
  dial: OuterDial
  signal: AbortSignal
  /** Aborts when the dial is known to be made for another attempt: it is charged to that, and takes no slot */
  charged: AbortSignal
  /** Beside what the dialer itself hands to the transport */
  transportOptions: TransportOptions
  /** The same, of a layer around this attempt alone: it is not shared */
  ownTransportOptions?: Readonly<Record<string, unknown>>
  /** Whether the attempt may begin anew, which has been silent for so many milliseconds. Default: it may */
  mayRestart?: (age: number) => boolean
  /** Called when it begins anew */
  onRestart?: () => void
  /** Whether the dial has left the place of the address, for which nobody answers, to others before. Default: no */
  hasLeftPlace?: boolean
  /** Called when it leaves the place, and begins anew. Undefined: it does not */
  onPlaceLeft?: () => void
  onHeld?: () => void
  onStart: (at: number) => void
  onFirstResponse: (at: number) => void
  onProgress: (event: any) => void
  /** Called for each progress event, with its type and time */
  onMark?: (type: string, at: number) => void
}

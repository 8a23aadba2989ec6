import type { Counts } from './census.ts'
import type { Load, Outcome } from './load.ts'

/** A known leftover of a transport, with any dialer */
export interface Reason {
  /** The number of its paragraph in docs/internals/leaks.md */
  readonly number: number
  readonly ways: readonly string[]
  readonly loads: readonly Load[]
  readonly kinds: readonly string[]
  /** The maximum number of leftovers of each kind for each dial */
  readonly each: number
  /** Whether the leftover goes away by itself */
  readonly ends: boolean
}

const SOCKETS = ['TCPSocketWrap', 'ConnectWrap', 'file descriptor', 'Socket', 'WebSocket']
/** The records of an attempt that goes on after its abort: the dialer keeps them to close a late connection */
const ABANDONED = ['dial of the transport', 'PendingDial', 'DialRun', 'SharedAttempt']

const KNOWN: readonly Reason[] = [
  // The constructor of WebSocket takes no signal, and close() does not end a connect: undici ends it after ten seconds
  { number: 1, ways: ['WebSockets'], loads: ['blackhole'], kinds: [...SOCKETS, ...ABANDONED], each: 1, ends: true },
  // undici waits five minutes for the response to the upgrade request. Both ends are in this process
  { number: 2, ways: ['WebSockets'], loads: ['silence'], kinds: [...SOCKETS, ...ABANDONED], each: 2, ends: false },
  // The transport adds both ends to a Set before the latency has passed. An abort in that time does not remove them
  { number: 3, ways: ['memory'], loads: ['aborted', 'lost'], kinds: ['MultiaddrConnection'], each: 2, ends: false },
  // The transport does not inform the remote, which gives up at the timeout of an inbound upgrade
  { number: 4, ways: ['relay', 'relay, connected'], loads: ['aborted', 'lost'], kinds: ['stream there', 'Connection', 'MultiaddrConnection', 'Socket'], each: 2, ends: true },
  // The transport does not pass the abort to quinn, which gives up after ten seconds
  { number: 5, ways: ['QUIC'], loads: ['blackhole'], kinds: ['dial of the transport'], each: 1, ends: true },
  // Descriptors of native code, which close after 10 to 20 s. At most three for each dial were observed
  { number: 6, ways: ['WebRTC Direct'], loads: ['aborted', 'lost', 'blackhole'], kinds: ['file descriptor'], each: 3, ends: true }
]

export function reasons (way: string, load: Load): Reason[] {
  return KNOWN.filter(({ ways, loads }) => ways.includes(way) && loads.includes(load))
}

/**
 * Returns the leftovers of this package that are not allowed:
 *
 * - every kind that is not known
 * - of a kind that goes away by itself: more than `each` for every dial
 * - of a kind that stays: more than libp2p's dialer leaves from as many abandoned attempts, beyond chance, because the moment of an abort is random
 *
 * @param count the number of dials of the load
 */
export function faults (way: string, load: Load, stock: Outcome, ours: Outcome, count: number): string[] {
  const known = reasons(way, load)
  const isLeft = ours.goneAfter == null && known.every(({ ends }) => ends)

  return [
    ...isLeft ? ['something does not go away'] : [],
    ...Object.entries(all(ours)).flatMap(([kind, left]) => {
      const reason = known.find(({ kinds }) => kinds.includes(kind))

      if (reason == null) {
        return [`${left} ${kind}`]
      }

      const theirs = all(stock)[kind] ?? 0
      const most = reason.ends || ABANDONED.includes(kind) ? reason.each * count : theirs + chance(left + theirs, reason.each)

      return left > most ? [`${left} ${kind}, libp2p's dialer leaves ${theirs}`] : []
    })
  ]
}

function all ({ open, objects }: Outcome): Counts {
  return { ...open, ...objects }
}

/** Returns three standard deviations of the difference of two counts that grow in steps */
function chance (sum: number, step: number): number {
  return 3 * step * Math.sqrt(sum / step)
}

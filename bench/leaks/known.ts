import type { Counts } from './census.ts'
import type { Load, Outcome } from './load.ts'

/** What a transport leaves whichever dialer dials */
export interface Reason {
  /** Of its paragraph in docs/internals/leaks.md */
  readonly number: number
  readonly ways: readonly string[]
  readonly loads: readonly Load[]
  readonly kinds: readonly string[]
  /** Of one dial, at most */
  readonly each: number
  /** Whether it goes away by itself */
  readonly ends: boolean
}

const SOCKETS = ['TCPSocketWrap', 'ConnectWrap', 'file descriptor', 'Socket', 'WebSocket']
/** Of what goes on after its abort ours remembers that it is to be closed when it connects */
const ABANDONED = ['dial of the transport', 'PendingDial', 'DialRun', 'SharedAttempt']

const KNOWN: readonly Reason[] = [
  // the constructor of WebSocket has no signal, and close() ends no connect: undici ends that after ten seconds
  { number: 1, ways: ['WebSockets'], loads: ['blackhole'], kinds: [...SOCKETS, ...ABANDONED], each: 1, ends: true },
  // and waits five minutes for an answer to the request; both ends are in this process
  { number: 2, ways: ['WebSockets'], loads: ['silence'], kinds: [...SOCKETS, ...ABANDONED], each: 2, ends: false },
  // both ends are put into a Set before the latency has passed, and an abort during that takes them out of nothing
  { number: 3, ways: ['memory'], loads: ['aborted', 'lost'], kinds: ['MultiaddrConnection'], each: 2, ends: false },
  // the other side is not told, and gives up when the time for an inbound upgrade is over
  { number: 4, ways: ['relay', 'relay, connected'], loads: ['aborted', 'lost'], kinds: ['stream there', 'Connection', 'MultiaddrConnection', 'Socket'], each: 2, ends: true },
  // quinn is not told of the abort, and gives up after ten seconds
  { number: 5, ways: ['QUIC'], loads: ['blackhole'], kinds: ['dial of the transport'], each: 1, ends: true },
  // of native code, gone after 10 to 20 s. Three for each dial were seen at most
  { number: 6, ways: ['WebRTC Direct'], loads: ['aborted', 'lost', 'blackhole'], kinds: ['file descriptor'], each: 3, ends: true }
]

export function reasons (way: string, load: Load): Reason[] {
  return KNOWN.filter(({ ways, loads }) => ways.includes(way) && loads.includes(load))
}

/**
 * What ours must not leave: what is not known; of what ends by itself more than one dial leaves, for each; of what does not
 * end more than libp2p's of as many abandoned attempts, beyond chance, because when one is abandoned is chance
 *
 * @param count how many dials the load was
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

/** Three standard deviations of the difference of two counts that come in steps */
function chance (sum: number, step: number): number {
  return 3 * step * Math.sqrt(sum / step)
}

import { peerOf } from '../../pipeline/candidate.ts'
import { CircularDialError } from '../../pipeline/errors.ts'
import { highest } from '../../pipeline/extremes.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { DialPolicy } from '../../pipeline/runtime/dial-host.ts'
import type { Candidate, DialPipelineOptions } from '../../pipeline/types.ts'
import type { SpeculatingDial } from './ticket.ts'

/**
 * Marks the options that a transport gets. A transport that dials the relay of a circuit address passes its options on. So the
 * nested dial knows which attempt it is made for
 */
export const NESTED = Symbol.for('libp2p-dial-pipeline.nested')

/** Maximum number of dials nested in each other. WebRTC needs two: it dials a circuit address, and that dial makes the dial of the relay */
const MAX_DEPTH = 4

/**
 * Maximum number of addresses for which one dial of the application has nested dials: twice as many as libp2p's own dialer dials of a peer,
 * because WebRTC may reach a relay through a second one
 */
const MAX_ADDRESSES = 50

/** Maximum number of nested dials of one dial of the application. Five for each address, because a retry dials the relay of an address again */
const MAX_NESTED_DIALS = 250

/** Maximum number of peers behind a relay that an error names */
const MAX_NAMED = 5

/** The number of nested dials that one dial of the application has had so far, and the addresses that they were made for */
interface Budget {
  addresses?: Set<string>
  dials: number
}

/** The position of a dial among the nested dials of one that the application asked for */
export interface Lineage {
  /** Number of attempts that wait for the dial, each inside another. 0 for a dial of the application */
  readonly depth: number
  readonly budget: Budget
  /** Whether the dial connects to the relay of an attempt's address */
  readonly isOfRelay: boolean
}

/** A dial, as its nested dials see it */
export interface OuterDial extends SpeculatingDial {
  readonly id: string
  readonly startedAt?: number
  readonly requested: { readonly peer?: string }
  readonly callers: Iterable<{ readonly madeFor?: OuterAttempt }>
  readonly priority: number
  readonly lineage: Lineage
  /** Whether an attempt of another dial made the dial: that attempt holds slots for both, and attempts of the dial take no slot of the node */
  readonly isNested: boolean
  /** Passes an event to the callers that listen, with the address of the attempt that the event is about */
  progress (event: unknown, candidate?: Candidate): void
}

/** An attempt, as the nested dials of its transport see it */
export interface OuterAttempt {
  readonly dials: Iterable<OuterDial>
  readonly multiaddr: Multiaddr
  readonly candidate: Candidate
  /** The filters and options of the dials that want the attempt */
  readonly policies: Iterable<DialPolicy>
  /** The components that the attempts of one engine share */
  readonly components: object
  /** Set by the first nested dial. From then on, dials with another policy do not join the attempt */
  isNesting: boolean
  /** The highest priority of the dials that want the attempt. Undefined after the last has left */
  readonly priority?: number
}

/** Refers to an attempt while it is in flight. Transports and sockets keep the mark for longer, which must not keep the attempt alive */
export interface AttemptMark {
  attempt?: OuterAttempt
}

type MarkedSignal = AbortSignal & { [NESTED]?: AttemptMark }

/**
 * Returns a transport's options with the mark of their attempt, so that a nested dial can be recognised. Marks the signal too,
 * because WebRTC passes on nothing else
 */
export function nesting<T extends { signal: MarkedSignal }> (options: T, mark: AttemptMark): T & { [NESTED]: AttemptMark } {
  options.signal[NESTED] = mark

  return { ...options, [NESTED]: mark }
}

/**
 * Returns the attempt that a dial with these options is made for. Undefined for a dial of the application, or of another node
 *
 * @param components those of the node that dials
 */
export function outerAttemptOf (options: { signal?: MarkedSignal, [NESTED]?: AttemptMark }, components: object): OuterAttempt | undefined {
  const attempt = options[NESTED]?.attempt ?? options.signal?.[NESTED]?.attempt

  return attempt?.components === components ? attempt : undefined
}

/** Returns whether a dial of this peer connects to the relay that the attempt's address names */
export function isOfRelay (attempt: OuterAttempt | undefined, peer: string | undefined): boolean {
  return attempt != null && peer != null && attempt.multiaddr.toString().includes(`/p2p/${peer}/p2p-circuit`)
}

/**
 * Returns the type of a transport's progress event. Undefined for an event of its nested dial, which has another address: the response of a
 * relay says nothing of the peer behind it
 */
export function ownTypeOf (event: { type?: unknown, address?: unknown } | undefined, { id }: Candidate): string | undefined {
  return event?.address != null && event.address !== id ? undefined : String(event?.type)
}

/** Returns the peer of a dial as text. For a relay it also names the peers behind it, because the application asked for those */
export function describePeer (peerId: PeerId | undefined, { lineage, callers }: Pick<OuterDial, 'lineage' | 'callers'>): string {
  const peer = peerId?.toString() ?? 'unknown peer'
  const beyond = lineage.isOfRelay ? [...new Set(Array.from(callers).flatMap(({ madeFor }) => madeFor == null ? [] : peerOf(madeFor.multiaddr) ?? []))] : []

  return beyond.length === 0 ? peer : `${peer}, the relay on the way to ${beyond.slice(0, MAX_NAMED).join(', ')}${beyond.length > MAX_NAMED ? ', …' : ''}`
}

/**
 * Returns the lineage of a new nested dial, and counts the dial, so that a chain of relays ends
 *
 * @throws CircularDialError for a dial that exceeds the depth, the addresses or the number of nested dials
 */
export function nestedLineage (attempt: OuterAttempt, peer: string | undefined): Lineage {
  const outer = Array.from(attempt.dials, ({ lineage }) => lineage)
  const depth = 1 + Math.max(0, highest(outer.map(({ depth }) => depth)))
  const [budget] = outer.map(({ budget }) => budget).toSorted((a, b) => a.dials - b.dials)
  const address = attempt.multiaddr.toString()

  // an attempt without dials is not wanted any more
  if (budget == null || depth > MAX_DEPTH || budget.dials >= MAX_NESTED_DIALS) {
    throw new CircularDialError(peer)
  }

  const addresses = (budget.addresses ??= new Set())

  if (addresses.size >= MAX_ADDRESSES && !addresses.has(address)) {
    throw new CircularDialError(peer)
  }

  addresses.add(address)
  budget.dials++

  return { depth, budget, isOfRelay: isOfRelay(attempt, peer) }
}

/**
 * Checks that a nested dial would not wait for itself
 *
 * @param joined the dial that would be joined. Undefined for a new dial
 * @throws CircularDialError when the attempt is made for `joined`, or for a dial of the same peer
 */
export function checkNotCircular (attempt: OuterAttempt, joined: OuterDial | undefined, peer: string | undefined): void {
  for (const { dials } of ancestorsOf(attempt)) {
    for (const dial of dials) {
      if (dial === joined || (peer != null && dial.requested.peer === peer)) {
        throw new CircularDialError(peer)
      }
    }
  }
}

/** Returns whether a dial is made for an attempt, directly or through other dials: if it joined the attempt, it would wait for itself */
export function isDialMadeFor ({ callers }: OuterDial, attempt: OuterAttempt): boolean {
  for (const { madeFor } of callers) {
    if (madeFor != null && ancestorsOf(madeFor).has(attempt)) {
      return true
    }
  }

  return false
}

/** Returns the attempt, and all attempts that it is made for */
function ancestorsOf (attempt: OuterAttempt): Set<OuterAttempt> {
  const found = new Set([attempt])

  // the loop also visits members that are added to the set meanwhile
  for (const { dials } of found) {
    for (const { callers } of dials) {
      for (const { madeFor } of callers) {
        if (madeFor != null) {
          found.add(madeFor)
        }
      }
    }
  }

  return found
}

export interface TransportOptions {
  readonly initiator?: boolean
  /** libp2p's `trace` option, which reaches the transport unchanged */
  readonly trace?: unknown
}

/** Returns the caller's options that reach the transport. Transports pass all options to the socket, so a `path` would replace the address */
export function transportOptionsFor ({ initiator, trace }: TransportOptions): TransportOptions {
  return {
    ...initiator == null ? {} : { initiator },
    ...trace == null ? {} : { trace }
  }
}

/**
 * Returns the options of a nested dial: those that its transport passes on, and the policy of the outer dial
 *
 * @param policy the options of the outer dial that also apply to its relays
 */
export function inheritedOptions ({ signal, onProgress, trace }: DialPipelineOptions & TransportOptions, { priority }: OuterAttempt, policy: DialPipelineOptions = {}): DialPipelineOptions {
  return { signal, priority, onProgress, ...trace == null ? {} : { trace }, ...policy }
}

import { peerOf } from '../../pipeline/candidate.ts'
import { CircularDialError } from '../../pipeline/errors.ts'
import { highest } from '../../pipeline/extremes.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { DialPolicy } from '../../pipeline/runtime/dial-host.ts'
import type { Candidate, DialPipelineOptions } from '../../pipeline/types.ts'
import type { SpeculatingDial } from './ticket.ts'

/**
 * Marks the options that reach a transport. One that dials in turn (the relay of a circuit address) passes its options
 * on, and so the second dial is known to be made on behalf of the first.
 */
export const NESTED = Symbol.for('libp2p-dial-pipeline.nested')

/** WebRTC connects over a relayed connection: its dial of the circuit address makes the dial of the relay */
const MAX_DEPTH = 4

/** As many relays as a peer has addresses in libp2p's own dialer, twice: WebRTC may reach a relay through a second one */
const MAX_ADDRESSES = 50

/** A retry dials the relay of an address again: five times for each */
const MAX_NESTED_DIALS = 250

/** How many peers behind a relay a text names */
const MOST_NAMED = 5

/** Counts the nested dials of one dial, and the addresses that they are made for */
interface Budget {
  addresses?: Set<string>
  dials: number
}

/** The place of a dial among those that are made on behalf of one that the application asked for */
export interface Lineage {
  /** The number of attempts that wait for the dial: 0 where the application asked for it */
  readonly depth: number
  /** Shared by all nested dials of the application's dial */
  readonly budget: Budget
  /** The dial connects to a relay, for an attempt of an address that leads through it */
  readonly isOfRelay: boolean
}

/** A dial, as one that is made for it sees it */
export interface OuterDial extends SpeculatingDial {
  readonly id: string
  /** Undefined: it waits for its turn */
  readonly startedAt?: number
  readonly requested: { readonly peer?: string }
  readonly callers: Iterable<{ readonly madeFor?: OuterAttempt }>
  readonly priority: number
  readonly lineage: Lineage
  /** It is made for an attempt that holds slots: its own attempts take none of the node */
  readonly isCharged: boolean
  /** Passes an event to the callers that listen, with the address of the attempt whose transport tells of it */
  progress (event: unknown, candidate?: Candidate): void
}

/** An attempt of a transport, which may dial in turn */
export interface OuterAttempt {
  /** The dials that want it */
  readonly dials: Iterable<OuterDial>
  readonly multiaddr: Multiaddr
  readonly candidate: Candidate
  /** The filters of those dials */
  readonly policies: Iterable<DialPolicy>
  /** What the attempts of one engine share */
  readonly components: object
  /** Set by the first dial that is made for it: from then on, no dial of another policy shares it */
  isNesting: boolean
  /** The highest of those dials; undefined: none wants it any more */
  readonly priority?: number
}

/** Stands for an attempt as long as that goes on: transports and sockets keep what they were given */
export interface AttemptMark {
  attempt?: OuterAttempt
}

type MarkedSignal = AbortSignal & { [NESTED]?: AttemptMark }

/**
 * What a transport is given, so that a dial that it asks for in turn is known for that. Marks the signal too: WebRTC passes on
 * nothing else
 */
export function nesting<T extends { signal: MarkedSignal }> (options: T, mark: AttemptMark): T & { [NESTED]: AttemptMark } {
  options.signal[NESTED] = mark

  return { ...options, [NESTED]: mark }
}

/** The attempt that a dial with these options is made for; undefined: the application asks for it */
export function outerAttemptOf (options: { signal?: MarkedSignal, [NESTED]?: AttemptMark }): OuterAttempt | undefined {
  return options[NESTED]?.attempt ?? options.signal?.[NESTED]?.attempt
}

/** Whether a dial of this peer connects to the relay that the attempt's address names */
export function isOfRelay (attempt: OuterAttempt | undefined, peer: string | undefined): boolean {
  return attempt != null && peer != null && attempt.multiaddr.toString().includes(`/p2p/${peer}/p2p-circuit`)
}

/** Names the peer of a dial, and of a relay the peers that it leads to: nobody has asked for the relay itself */
export function describePeer (peerId: PeerId | undefined, { lineage, callers }: Pick<OuterDial, 'lineage' | 'callers'>): string {
  const peer = peerId?.toString() ?? 'unknown peer'
  const beyond = lineage.isOfRelay ? [...new Set(Array.from(callers).flatMap(({ madeFor }) => madeFor == null ? [] : peerOf(madeFor.multiaddr) ?? []))] : []

  return beyond.length === 0 ? peer : `${peer}, the relay on the way to ${beyond.slice(0, MOST_NAMED).join(', ')}${beyond.length > MOST_NAMED ? ', …' : ''}`
}

/** The lineage of a dial that the application asks for */
export function rootLineage (): Lineage {
  return { depth: 0, budget: { dials: 0 }, isOfRelay: false }
}

/**
 * Returns the lineage of a new dial that is made for an attempt, and counts the dial, so that relays of relays of relays end
 *
 * @throws CircularDialError where one more is deeper than any transport needs, or one too many
 */
export function nestedLineage (attempt: OuterAttempt, peer: string | undefined): Lineage {
  const outer = Array.from(attempt.dials, ({ lineage }) => lineage)
  const depth = 1 + Math.max(0, highest(outer.map(({ depth }) => depth)))
  const [budget] = outer.map(({ budget }) => budget).toSorted((a, b) => a.dials - b.dials)
  const address = attempt.multiaddr.toString()

  // nobody wants an attempt without dials
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
 * @param joined the dial that would be joined; undefined: a new one is made
 * @throws CircularDialError where the attempt would wait for itself, or for a dial of a peer that it is made for
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

/** Whether a dial is made for an attempt, directly or through others: if it joined that, it would wait for itself */
export function isDialMadeFor ({ callers }: OuterDial, attempt: OuterAttempt): boolean {
  for (const { madeFor } of callers) {
    if (madeFor != null && ancestorsOf(madeFor).has(attempt)) {
      return true
    }
  }

  return false
}

/** The attempt, and all that it is made for */
function ancestorsOf (attempt: OuterAttempt): Set<OuterAttempt> {
  const found = new Set([attempt])

  // a set that grows is iterated to its end
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

/** Of a dial that is traced: passed on as it is */
interface Traced {
  trace?: unknown
}

export interface TransportOptions {
  readonly initiator?: boolean
  readonly trace?: unknown
}

/** What of a caller's options reaches the transport. That passes all it is given to the socket: a `path` would be dialled instead of the address */
export function transportOptionsFor ({ initiator, trace }: DialPipelineOptions & Traced): TransportOptions {
  return {
    ...initiator == null ? {} : { initiator },
    ...trace == null ? {} : { trace }
  }
}

/**
 * What of a transport's options a dial made for another takes over
 *
 * @param policy the options of the other dial that are its policy, for relays too
 */
export function inheritedOptions ({ signal, onProgress, trace }: DialPipelineOptions & Traced, { priority }: OuterAttempt, policy: DialPipelineOptions = {}): DialPipelineOptions {
  return { signal, priority, onProgress, ...trace == null ? {} : { trace }, ...policy }
}

import { CircularDialError } from '../pipeline/errors.ts'
import type { Caller } from './caller.ts'

/**
 * Marks the options that reach a transport. One that dials in turn (the relay of a circuit address) passes its options
 * on, and so the second dial is known to be made on behalf of the first.
 */
export const NESTED = Symbol.for('libp2p-dial-pipeline.nested')

/** WebRTC connects over a relayed connection: its dial of the circuit address makes the dial of the relay */
const MAX_DEPTH = 4

/** A dial, as one that is made for it sees it */
export interface OuterDial {
  readonly callers: Iterable<Pick<Caller, 'madeFor'>>
  /** How many attempts it is made for: 0 where the application asked for it */
  readonly depth: number
}

/** An attempt of a transport, which may dial in turn */
export interface OuterAttempt {
  /** The dials that want it */
  readonly dials: Iterable<OuterDial>
  /** The highest of those dials; undefined: none wants it any more */
  readonly priority?: number
}

/** Stands for an attempt as long as that goes on: transports and sockets keep what they were given */
export interface AttemptMark {
  attempt?: OuterAttempt
}

/** By the signal that a transport was given: WebRTC passes on nothing else */
const marks = new WeakMap<AbortSignal, AttemptMark>()

/** What a transport is given, so that a dial that it asks for in turn is known for that */
export function nesting<T extends { signal: AbortSignal }> (options: T, mark: AttemptMark): T & { [NESTED]: AttemptMark } {
  marks.set(options.signal, mark)

  return { ...options, [NESTED]: mark }
}

/** The attempt that a dial with these options is made for; undefined: the application asks for it */
export function outerAttemptOf (options: { signal?: AbortSignal, [NESTED]?: AttemptMark }): OuterAttempt | undefined {
  return options[NESTED]?.attempt ?? (options.signal == null ? undefined : marks.get(options.signal)?.attempt)
}

/** How many attempts a dial is made for that an attempt asks for */
export function depthBelow (attempt: OuterAttempt | undefined): number {
  return attempt == null ? 0 : 1 + Math.max(0, ...Array.from(attempt.dials, ({ depth }) => depth))
}

/**
 * @param joined the dial that would be joined; undefined: a new one is made
 * @throws CircularDialError where an attempt would wait for itself, or is made for more attempts than any transport needs
 */
export function checkNotCircular (attempt: OuterAttempt, joined: OuterDial | undefined, peer: string | undefined): void {
  if (joined == null ? depthBelow(attempt) > MAX_DEPTH : isMadeFor(attempt, joined)) {
    throw new CircularDialError(peer)
  }
}

/** Whether a dial is made for an attempt, directly or through others: if it joined that, it would wait for itself */
export function isDialMadeFor ({ callers }: OuterDial, attempt: OuterAttempt): boolean {
  for (const { madeFor } of callers) {
    if (madeFor != null && isMadeFor(madeFor, attempt)) {
      return true
    }
  }

  return false
}

function isMadeFor (attempt: OuterAttempt, outer: OuterDial | OuterAttempt): boolean {
  const found = new Set([attempt])

  // a set that grows is iterated to its end
  for (const one of found) {
    if (one === outer) {
      return true
    }

    for (const dial of one.dials) {
      if (dial === outer) {
        return true
      }

      for (const { madeFor } of dial.callers) {
        if (madeFor != null) {
          found.add(madeFor)
        }
      }
    }
  }

  return false
}

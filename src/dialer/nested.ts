/**
 * Marks the options that reach a transport. One that dials in turn (the relay of a circuit address) passes its options
 * on, and so the second dial is known to be made on behalf of the first.
 */
export const NESTED = Symbol.for('libp2p-dial-pipeline.nested')

/** Of the attempts that were begun: WebRTC passes on nothing else */
const signals = new WeakSet<AbortSignal>()

/** What a transport is given, so that a dial that it asks for in turn is known for that */
export function nesting<T extends { signal: AbortSignal }> (options: T): T & { [NESTED]: true } {
  signals.add(options.signal)

  return { ...options, [NESTED]: true }
}

export function isNested (options: { signal?: AbortSignal }): boolean {
  return NESTED in options || (options.signal != null && signals.has(options.signal))
}

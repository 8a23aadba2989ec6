/**
 * Marks the options that reach a transport. One that dials in turn (the relay of a circuit address) passes its options
 * on, and so the second dial is known to be made on behalf of the first.
 */
export const NESTED = Symbol.for('libp2p-dial-pipeline.nested')

export function isNested (options: object): boolean {
  return NESTED in options
}

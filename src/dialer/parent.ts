import type { Dialing } from './dialing.ts'

/**
 * In the options that reach a transport: the dial that the attempt is made for. A transport that dials in turn (the
 * relay of a circuit address) passes its options on, and so the second dial is recognised as part of the first.
 */
export const PARENT = Symbol.for('libp2p-dial-pipeline.parent')

export function parentOf (options: object): Dialing | undefined {
  return (options as { [PARENT]?: Dialing })[PARENT]
}

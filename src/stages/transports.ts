import { checkValue } from '../pipeline/check-options.ts'
import { makeFilter } from '../pipeline/authoring/filter.ts'
import { InvalidPipelineError } from '../pipeline/errors.ts'
import { oneOf } from '../pipeline/option-kinds.ts'
import type { Transport } from '../address/shape.ts'
import type { Stage } from '../pipeline/types.ts'

const KNOWN = ['circuit', 'memory', 'quic-v1', 'tcp', 'webrtc', 'webrtc-direct', 'webtransport', 'ws', 'wss'] as const satisfies readonly Transport[]

const TRANSPORT = oneOf(...KNOWN)

export type TransportName = typeof KNOWN[number]

/**
 * Creates a filter that keeps the addresses of some transports. The last transport of the address counts: a relayed address is `circuit`, whatever
 * leads to the relay. `ws` is WebSockets without TLS.
 *
 * @throws InvalidPipelineError without a name, and for an unknown transport
 */
export function transports (...names: readonly TransportName[]): Stage<'candidates', 'candidates', 'transports'> {
  names.forEach(name => { checkValue('transports()', name, TRANSPORT) })

  if (names.length === 0) {
    throw new InvalidPipelineError(`transports() needs one or more of ${KNOWN.join(', ')}`)
  }

  const wanted = new Set<Transport>(names)

  return makeFilter('transports', ({ facts }) => wanted.has(facts.transport) || `not an address of ${names.join(', ')}`, { forRelays: false })
}

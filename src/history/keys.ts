import { codeOf } from '../pipeline/errors.ts'
import { SOURCE } from '../pipeline/sources.ts'
import { namingReports, trustOf } from '../pipeline/trust.ts'
import type { Facts, Network } from '../address/facts.ts'
import type { Transport } from '../address/shape.ts'
import type { Attempted } from './recorder.ts'
import type { PlacedSources } from '../pipeline/trust.ts'
import type { AddressReport, Candidate } from '../pipeline/types.ts'

export interface TransportCosts {
  /** The name of the transport in path classes. Both versions of QUIC share one */
  readonly transport: string
  /** The round trips until the first response, and until the connection */
  readonly roundTrips: { readonly first: number, readonly all: number }
  /** Milliseconds besides the round trips */
  readonly overhead: number
}

const QUIC: TransportCosts = { transport: 'quic', roundTrips: { first: 1, all: 1 }, overhead: 4 }

// measured by counting round trips on an emulated network: see docs/internals/benchmarks.md
const TRANSPORT_COSTS: Readonly<Record<Transport, TransportCosts>> = {
  circuit: { transport: 'circuit', roundTrips: { first: 9, all: 11 }, overhead: 500 },
  'quic-v1': QUIC,
  quic: QUIC,
  webtransport: { transport: 'webtransport', roundTrips: { first: 1, all: 3 }, overhead: 10 },
  wss: { transport: 'wss', roundTrips: { first: 3, all: 5 }, overhead: 15 },
  ws: { transport: 'ws', roundTrips: { first: 2, all: 4 }, overhead: 11 },
  tcp: { transport: 'tcp', roundTrips: { first: 1, all: 3 }, overhead: 9 },
  'webrtc-direct': { transport: 'webrtc-direct', roundTrips: { first: 7, all: 7 }, overhead: 70 },
  webrtc: { transport: 'webrtc', roundTrips: { first: 11, all: 18 }, overhead: 570 },
  memory: { transport: 'memory', roundTrips: { first: 0, all: 0 }, overhead: 1 },
  other: { transport: 'other', roundTrips: { first: 1, all: 3 }, overhead: 10 }
}

export interface Keys {
  readonly address: string
  readonly peer?: string
  /** The host: an IP address or a name. Undefined where there is none */
  readonly host?: string
  readonly prefix?: string
  /** The key of the path class: transport, network and IP version, `tcp public 4` */
  readonly pathClass: string
  /** The key of round-trip times, which are alike within a network for all transports */
  readonly network: Network
  /** Whether a relay takes part: its times and failures say nothing about the network of the address */
  readonly isIndirect: boolean
  readonly source: string
  readonly costs: TransportCosts
  /** The path kinds of a public address: over UDP, over IPv6. Empty for others */
  readonly kinds: Facts['pathKinds']
}

const NONE: readonly AddressReport[] = []

export function keysOf ({ id, facts, provenance = NONE }: Pick<Candidate, 'id' | 'facts'> & Partial<Pick<Candidate, 'provenance'>>, placed?: PlacedSources): Keys {
  const { transport, network, family, pathKinds } = facts
  const costs = TRANSPORT_COSTS[transport]
  const isIndirect = transport === 'circuit' || transport === 'webrtc'

  return {
    address: id,
    peer: facts.peer,
    host: facts.host,
    prefix: isIndirect ? undefined : facts.prefix,
    pathClass: family == null ? `${costs.transport} ${network}` : `${costs.transport} ${network} ${family}`,
    network,
    isIndirect,
    source: bestSource(provenance, placed),
    costs,
    kinds: pathKinds
  }
}

/** Returns the most trusted source. Among equals, the first one */
export function bestSource (provenance: readonly AddressReport[], placed?: PlacedSources): string {
  // shortcut: nearly all addresses have one report
  return provenance.length === 1
    ? provenance[0]?.source ?? SOURCE.unknown
    : namingReports(provenance).reduce((best, { source }) => trustOf(source, placed) > trustOf(best, placed) ? source : best, SOURCE.unknown as string)
}

/** The transports whose refusal takes one round trip, and so measures it */
const OVER_TCP = new Set(['tcp', 'ws', 'wss'])

/** The minimum share of the round trips in the time until a connection */
const MIN_SHARE = 0.25

/** Returns the round-trip time that an attempt has measured, in milliseconds. Undefined: none */
export function roundTripIn ({ startedAt, firstResponseAt, endedAt, error, isCancelled }: Attempted, { transport, roundTrips, overhead }: TransportCosts): number | undefined {
  const elapsed = endedAt - startedAt

  if (firstResponseAt == null && (isCancelled || error != null)) {
    return !isCancelled && OVER_TCP.has(transport) && codeOf(error) === 'ECONNREFUSED' ? elapsed : undefined
  }

  const roundTrip = firstResponseAt == null ? Math.max(elapsed - overhead, elapsed * MIN_SHARE) / roundTrips.all : (firstResponseAt - startedAt) / roundTrips.first

  // not finite for the memory transport, which has no round trips
  return Number.isFinite(roundTrip) ? roundTrip : undefined
}

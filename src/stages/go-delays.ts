import { named } from '../pipeline/named.ts'
import { check } from '../pipeline/observe.ts'
import { goRank } from './go-order.ts'
import type { GoRanked } from './go-order.ts'
import type { Candidate, Pace, RaceState, StageInit } from '../pipeline/types.ts'

/** go-libp2p's constants, in milliseconds (dial_ranker.go) */
const PUBLIC = { quic: 250, tcp: 250, other: 1_000 }
const PRIVATE = { quic: 30, tcp: 30, other: 100 }
const RELAY_DELAY = 500
const HANDSHAKE_HOLD = 250

type Delays = typeof PUBLIC

/**
 * The times of go-libp2p's default ranker: QUIC first, then TCP, then the rest, in steps of 250 ms for public addresses and
 * 30 ms for private ones; relayed addresses 500 ms later where there are public ones. A step counts from the one before,
 * so that addresses which come late do not start in a burst. A public TCP address that has answered holds the next back
 * for 250 ms.
 */
export function goDelays (): StageInit<'candidates', 'candidates', 'go-delays'> {
  return check(named('go-delays', ['candidates'], 'candidates', () => ({
    run: async function * (source) {
      for await (const list of source) {
        yield { ...list, pace: paceOf(goRank(list.candidates)) }
      }
    }
  })))
}

/** How many milliseconds after the first each is to start */
export function delaysOf (ranked: readonly GoRanked[]): Map<string, number> {
  const delays = new Map<string, number>()
  const of = (group: string): GoRanked[] => ranked.filter(({ traits }) => traits.group === group)
  const publics = of('public')
  let last: number | undefined

  function add ({ candidate }: GoRanked, delay: number): void {
    delays.set(candidate.id, delay)
    last = delay
  }

  groupDelays(of('private'), PRIVATE, 0, add)
  groupDelays(publics, PUBLIC, 0, add)
  groupDelays(of('relay'), PUBLIC, publics.length > 0 ? RELAY_DELAY : 0, add)

  const rest = (last ?? 0) + PUBLIC.other
  of('rest').forEach(one => { add(one, rest) })

  return delays
}

function groupDelays (group: readonly GoRanked[], { quic, tcp, other }: Delays, offset: number, add: (one: GoRanked, delay: number) => void): void {
  const at = (i: number): GoRanked['traits'] | undefined => group[i]?.traits
  const isPair = (i: number): boolean => at(i)?.isIp6 === true && at(i + 1)?.transport === at(i)?.transport && at(i + 1)?.isIp4 === true
  const tcpStart = group.findIndex(({ traits }) => traits.transport === 'tcp')
  let tcpFirst = 0
  let last = 0

  group.forEach((one, i) => {
    switch (one.traits.transport) {
      case 'quic':
        last = steps(i, isPair(0)) * quic
        tcpFirst = last + tcp
        break
      case 'tcp':
        last = tcpFirst + steps(i - tcpStart, isPair(tcpStart)) * tcp
        break
      case 'other':
        add(one, offset + last + other)
        return
    }

    add(one, offset + last)
  })
}

/** The first at once, the second a step later, all others together: with it, or after one more where the second was of the other IP version */
function steps (i: number, isPair: boolean): number {
  return i < 2 ? i : isPair ? 2 : 1
}

function paceOf (ranked: readonly GoRanked[]): Pace {
  const delays = delaysOf(ranked)
  const publicTcp = new Set(ranked.flatMap(({ candidate, traits }) => traits.group === 'public' && traits.transport === 'tcp' ? [candidate.id] : []))
  const delayOf = ({ id }: Candidate): number => delays.get(id) ?? 0

  return ({ untried, inFlight, outcomes, lastStart, now }: RaceState) => {
    const [candidate] = untried.toSorted((a, b) => delayOf(a) - delayOf(b))

    if (candidate == null) {
      return
    }

    const reached = Math.max(0, ...[...inFlight, ...outcomes].map(one => delayOf(one.candidate)))
    const held = inFlight.flatMap(flight => flight.firstResponseAt != null && publicTcp.has(flight.candidate.id) ? [flight.firstResponseAt + HANDSHAKE_HOLD] : [])

    return { candidate, at: lastStart == null ? now : Math.max(lastStart + Math.max(0, delayOf(candidate) - reached), ...held) }
  }
}

import { pathKindsOf } from '../address/path.ts'
import { checkArguments } from '../pipeline/check-arguments.ts'
import { isGiven } from '../pipeline/given.ts'
import { judged } from '../pipeline/judged.ts'
import { named } from '../pipeline/named.ts'
import { check } from '../pipeline/observe.ts'
import { stepwise } from '../pipeline/stepwise.ts'
import { NothingElse } from './nothing-else.ts'
import type { PathKind } from '../address/path.ts'
import type { Candidate, DialHistory, List, PathRecord, StageInit } from '../pipeline/types.ts'

/** Networks in a row that were silent. Fewer say little: where three of four peers are offline, twenty peers are in 1 of 300 cases */
const LEAST_FAILURES = 20

/** go-libp2p's 5 of 100 (black_hole_detector.go) */
const LEAST_SUCCESS = 0.05

/** One of so many dials finds out whether something comes through again: go-libp2p's */
const PROBE_EVERY = 100

const KINDS: readonly PathKind[] = ['udp', 'ip6']
const NAMES = { udp: 'UDP', ip6: 'IPv6' } as const

/**
 * Drops public addresses over UDP, or over IPv6, while nothing comes through over that from here: the last 20 networks (/24
 * or /48) or more were silent or had no route, and fewer than one in twenty has answered lately. One of 100 dials with such
 * addresses tries them all the same, and so does a dial that has nothing else left. Private and loopback addresses, and those
 * behind a relay, are never dropped, nor are those that the caller of the dial named: who names an address wants to know of
 * that one, and if it connects, all others are dialled again.
 */
export function blackHole (): StageInit<'candidates', 'candidates', 'black-hole'> {
  checkArguments('blackHole()', arguments)

  return check(named('black-hole', ['candidates'], 'candidates', ({ history }) => {
    /** Dials that met addresses of a kind while it was blocked */
    const dials = { udp: 0, ip6: 0 }

    return stepwise(dial => {
      // decided once a dial, so that to be asked again changes nothing
      const blocked = blockedKinds(history)
      const probes = new Map<PathKind, boolean>()

      function isProbe (kind: PathKind): boolean {
        const answer = probes.get(kind) ?? ++dials[kind] % PROBE_EVERY === 0
        probes.set(kind, answer)

        return answer
      }

      function verdict ({ multiaddr }: Candidate): true | string {
        const kinds = pathKindsOf(multiaddr).filter(kind => blocked.has(kind))
        const [first] = kinds

        // each counts this dial. While one probes, an address that is of both kinds passes
        if (first == null || kinds.map(isProbe).includes(true)) {
          return true
        }

        return `nothing comes through over ${NAMES[first]}: ${blocked.get(first)?.failuresInARow} failures in a row`
      }

      const nothingElse = new NothingElse(dial)
      let isLifted = blocked.size === 0

      return {
        next: (list: List): List => {
          const reasons = new Map(isLifted ? [] : list.candidates.map(one => [one, isGiven(one) || verdict(one)]))
          isLifted ||= [...reasons.values()].some(reason => reason !== true) && nothingElse.isLeft(list, one => reasons.get(one) !== true)

          return judged(list, dial, candidate => isLifted || (reasons.get(candidate) ?? true))
        }
      }
    })
  }))
}

function blockedKinds (history: DialHistory): Map<PathKind, PathRecord> {
  const records = KINDS.map(kind => [kind, history.path(kind)] as const)

  return new Map(records.filter(([, { successes, failures, failuresInARow }]) => {
    return failuresInARow >= LEAST_FAILURES && (successes + 1) / (successes + failures + 2) < LEAST_SUCCESS
  }))
}

import { keepUnless, listStage } from '../pipeline/authoring/list-stage.ts'
import { checkArguments } from '../pipeline/check-options.ts'
import { isGiven } from '../pipeline/candidate.ts'
import { isBlocked } from '../pipeline/path-record.ts'
import type { PathKind } from '../address/facts.ts'
import type { Candidate, DialHistory, PathRecord, Stage } from '../pipeline/types.ts'

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
export function blackHole (): Stage<'candidates', 'candidates', 'black-hole'> {
  checkArguments('blackHole()', arguments)

  return listStage('black-hole', ({ node: { history } }, work, dials: DialCounts) => {
    // decided once a dial, so that to be asked again changes nothing
    const blocked = blockedKinds(history)
    const probes = new Map<PathKind, boolean>()
    let isLifted = blocked.size === 0

    function isProbe (kind: PathKind): boolean {
      const answer = probes.get(kind) ?? ++dials[kind] % PROBE_EVERY === 0
      probes.set(kind, answer)

      return answer
    }

    function whyBlocked ({ facts }: Candidate): string | undefined {
      const kinds = facts.pathKinds.filter(kind => blocked.has(kind))
      const [first] = kinds

      // each counts this dial. While one probes, an address that is of both kinds passes
      return first == null || kinds.map(isProbe).includes(true) ? undefined : `nothing comes through over ${NAMES[first]}: ${blocked.get(first)?.failuresInARow} failures in a row`
    }

    return ({ candidates, last }) => {
      // a protection delays, and refuses nothing
      isLifted ||= last

      return isLifted ? candidates : keepUnless(candidates, work, candidate => isGiven(candidate) ? undefined : whyBlocked(candidate))
    }
  }, { role: 'filter', perNode: () => ({ udp: 0, ip6: 0 }) })
}

/** Dials that met addresses of a kind while it was blocked */
type DialCounts = Record<PathKind, number>

function blockedKinds (history: DialHistory): Map<PathKind, PathRecord> {
  const records = KINDS.map(kind => [kind, history.path(kind)] as const)

  return new Map(records.filter(([, record]) => isBlocked(record)))
}

import { keepUnless, listStage } from '../pipeline/authoring/list-stage.ts'
import { checkArguments } from '../pipeline/check-options.ts'
import { isNamedByCaller } from '../pipeline/candidate.ts'
import { isBlocked } from '../pipeline/dial-components.ts'
import type { PathKind } from '../address/facts.ts'
import type { Candidate, Stage } from '../pipeline/types.ts'

/** A blocked path is probed by one dial in 100, as in go-libp2p */
const PROBE_EVERY = 100

const KINDS: readonly PathKind[] = ['udp', 'ip6']
const NAMES = { udp: 'UDP', ip6: 'IPv6' } as const

/**
 * Creates a filter that drops public addresses over UDP, or over IPv6, while that path is blocked. A path is blocked if both hold:
 *
 * - The last 20 networks (/24 or /48) or more were silent, or had no route.
 * - Fewer than 1 in 20 networks have answered lately.
 *
 * The path is probed by one dial in 100 with such addresses, and by a dial with no other address left, or whose other addresses are all silent.
 *
 * The filter never drops private, loopback and relayed addresses, nor addresses that the caller of the dial named. If one of those connects, the path
 * counts as open again.
 */
export function blackHole (): Stage<'candidates', 'candidates', 'black-hole'> {
  checkArguments('blackHole()', arguments)

  return listStage('black-hole', ({ node: { history } }, work, dials: DialCounts) => {
    // read once a run: a path that becomes blocked during the run does not change a verdict
    const blocked = new Map(KINDS.map(kind => [kind, history.path(kind)] as const).filter(([, record]) => isBlocked(record)))
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

      // isProbe() counts the dial for each kind. An address of both kinds passes while one of them is probed
      return first == null || kinds.map(isProbe).includes(true) ? undefined : `nothing comes through over ${NAMES[first]}: ${blocked.get(first)?.failuresInARow} failures in a row`
    }

    return ({ candidates, call }) => {
      // a call of the race lifts the filter: it may delay a dial, but not fail it
      isLifted ||= call != null && candidates.length > 0

      return isLifted ? candidates : keepUnless(candidates, work, candidate => isNamedByCaller(candidate) ? undefined : whyBlocked(candidate))
    }
  }, { role: 'filter', perNode: () => ({ udp: 0, ip6: 0 }) })
}

/** For each kind, the number of runs so far that had addresses of the kind while its path was blocked */
type DialCounts = Record<PathKind, number>

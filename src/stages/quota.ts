import { keepWhereRoom, listStage } from '../pipeline/authoring/list-stage.ts'
import { checkArguments, checkOptions } from '../pipeline/check-options.ts'
import { namedBy } from '../pipeline/named-by.ts'
import { LIMIT, oneOf, recordOf } from '../pipeline/option-kinds.ts'
import { SOURCE_NAME } from '../pipeline/source-kinds.ts'
import type { BySource, HEARSAY } from '../pipeline/sources.ts'
import type { Attestation, Candidate, Dial, Stage } from '../pipeline/types.ts'

export interface QuotaInit {
  /**
   * How many addresses a source may bring to a dial, by its name. Those that are not named bring as many as they like
   *
   * @default { routing: 16, dht: 16, pubsub: 8 }
   */
  source?: BySource<number>
  /**
   * How many one peer may report
   *
   * @default 8
   */
  reporter?: number
  /**
   * What becomes of addresses over the limits: they are dropped, or come after all others, up to the node's
   * `maxPeerAddrsToDial` in all
   *
   * @default 'drop'
   */
  excess?: 'drop' | 'last'
}

/** What an honest peer has: delegated routers answer with 26 addresses at most, polluted ones with hundreds (go-libp2p issue 3486) */
const SOURCE: Readonly<Record<string, number>> = { routing: 16, dht: 16, pubsub: 8 } satisfies Record<typeof HEARSAY[number], number>
const REPORTER = 8

/**
 * Limits how many addresses each source and each reporter may bring to a dial, so that junk does not crowd out the good one,
 * and nobody has this node dial hundreds of places. With `excess: 'last'` they come after all others. The first of the list are kept, so it belongs below a ranker; what was
 * tried in this dial keeps its place. An address that several bring counts for the one with most room, and one that a source
 * without a limit brings for nobody.
 *
 * @throws InvalidPipelineError for an unknown or wrong option, and a misspelt source
 */
export function quota (init: QuotaInit = {}): Stage<'candidates', 'candidates', 'quota'> {
  checkArguments('quota()', arguments, 1)
  checkOptions('quota()', init, { source: recordOf(LIMIT, SOURCE_NAME), reporter: LIMIT, excess: oneOf('drop', 'last') })
  const { source = SOURCE, reporter = REPORTER, excess = 'drop' } = init

  /** What is over the limits, and why */
  function excessIn (candidates: readonly Candidate[], dial: Dial): Map<Candidate, string> {
    const { addressBook } = dial.node
    const left = new Map(Object.entries(source))
    const reported = new Map<string, number>()
    const room = (from: string): number => left.get(from) ?? Infinity
    const roomOf = (by?: string): number => by == null ? Infinity : reported.get(by) ?? reporter

    // where the book is told who writes to the peer store, what only that still has may be the DHT's
    const told = ({ source: from, reporter: by }: Attestation): { source: string, reporter?: string } => ({ source: from === 'peer-store' && addressBook?.isAttributed === true ? 'dht' : from, reporter: by })

    function reasonOf ({ provenance }: Candidate): string | undefined {
      const best = namedBy(provenance).map(told).toSorted((a, b) => Math.min(room(b.source), roomOf(b.reporter)) - Math.min(room(a.source), roomOf(a.reporter)))[0]

      if (best == null) {
        return
      }

      if (room(best.source) <= 0) {
        return `more than ${source[best.source]} from ${best.source}`
      }

      if (roomOf(best.reporter) <= 0) {
        return `more than ${reporter} from ${best.reporter}`
      }

      if (left.has(best.source)) {
        left.set(best.source, room(best.source) - 1)
      }

      if (best.reporter != null) {
        reported.set(best.reporter, roomOf(best.reporter) - 1)
      }
    }

    // or what failed and sank in the order would let more in than the quota
    const triedFirst = candidates.toSorted((a, b) => Number(dial.everTried(b)) - Number(dial.everTried(a)))

    return new Map(triedFirst.flatMap(candidate => {
      const reason = reasonOf(candidate)

      return reason == null ? [] : [[candidate, reason]]
    }))
  }

  return listStage('quota', (dial, work) => ({ candidates }) => {
    const rest = excessIn(candidates, dial)

    if (rest.size === 0) {
      return candidates
    }

    const within = candidates.filter(one => !rest.has(one))
    const room = excess === 'last' ? Math.max(0, dial.node.settings.maxPeerAddrsToDial - within.length) : 0
    // what was tried comes first among the rest: or each that fails and sinks would let in another
    const last = new Set([...rest.keys()].slice(0, room))

    return [...within, ...keepWhereRoom(candidates.filter(one => rest.has(one)), work, one => last.has(one) ? undefined : rest.get(one))]
  }, { role: 'limit' })
}

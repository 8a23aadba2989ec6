import { keepWhereRoom, listStage } from '../pipeline/authoring/list-stage.ts'
import { checkArguments, checkOptions } from '../pipeline/check-options.ts'
import { namedBy } from '../pipeline/named-by.ts'
import { LIMIT, oneOf, recordOf } from '../pipeline/option-kinds.ts'
import { SOURCE_NAME } from '../pipeline/source-kinds.ts'
import { isHearsay } from '../pipeline/trust.ts'
import type { BySource } from '../pipeline/sources.ts'
import type { Attestation, Candidate, Dial, Stage } from '../pipeline/types.ts'

export interface QuotaInit {
  /**
   * How many addresses a source may bring to a dial, by its name. Sources that are not named have no limit
   *
   * @default pubsub: 8, and 16 for every other source whose trust is `hearsay`: `routing`, `dht`, and those that `addressBook({ trust })` places there
   */
  source?: BySource<number>
  /**
   * How many addresses one peer may report of another
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

/** An honest peer has fewer: delegated routers answer with 26 addresses at most, polluted ones with hundreds (go-libp2p issue 3486) */
const HEARSAY = 16
const PUBSUB = 8
const REPORTER = 8

const NONE: ReadonlyMap<Candidate, string> = new Map()

const DHT: Attestation = { source: 'dht' }

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
  const { source, reporter: limitOfReporter = REPORTER, excess = 'drop' } = init
  const limits = source == null ? undefined : new Map(Object.entries(source))
  const leastLimit = Math.min(limitOfReporter, ...limits?.values() ?? [PUBSUB])

  function limitOf (from: string, { node: { addressBook } }: Dial): number {
    return limits == null
      ? isHearsay(from, addressBook?.trust) ? from === 'pubsub' ? PUBSUB : HEARSAY : Infinity
      : limits.get(from) ?? Infinity
  }

  /** What is over the limits, and why */
  function excessIn (candidates: readonly Candidate[], dial: Dial): Map<Candidate, string> {
    const self = dial.target.peerId?.toString()
    const bySource = new Map<string, number>()
    const byReporter = new Map<string, number>()

    const roomOf = ({ source, reporter }: Attestation): number => Math.min(
      limitOf(source, dial) - (bySource.get(source) ?? 0),
      reporter == null || reporter === self ? Infinity : limitOfReporter - (byReporter.get(reporter) ?? 0)
    )

    function reasonOf (candidate: Candidate): string | undefined {
      const best = bringersOf(candidate, dial).reduce((best, one) => roomOf(one) > roomOf(best) ? one : best)
      const { source, reporter } = best

      if (roomOf(best) <= 0) {
        return limitOf(source, dial) <= (bySource.get(source) ?? 0) ? `more than ${limitOf(source, dial)} from ${source}` : `more than ${limitOfReporter} from ${reporter}`
      }

      bySource.set(source, (bySource.get(source) ?? 0) + 1)

      if (reporter != null) {
        byReporter.set(reporter, (byReporter.get(reporter) ?? 0) + 1)
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
    const rest = candidates.length <= leastLimit ? NONE : excessIn(candidates, dial)

    if (rest.size === 0) {
      return candidates
    }

    const within = candidates.filter(one => !rest.has(one))
    const room = excess === 'last' ? Math.max(0, dial.node.settings.maxPeerAddrsToDial - within.length) : 0
    // what was tried comes first among the rest: or each that fails and sinks would let in another
    const last = new Set([...rest.keys()].slice(0, room))

    return [...within, ...keepWhereRoom(candidates.filter(one => rest.has(one)), work, one => last.has(one) ? undefined : rest.get(one))]
  }, { role: 'limit', asks: (candidate, dial) => bringersOf(candidate, dial).every(({ source, reporter }) => reporter != null || limitOf(source, dial) < Infinity) })
}

/** Where the book is told who writes to the peer store, what only that still has may be the DHT's */
function bringersOf ({ provenance }: Candidate, { node: { addressBook } }: Dial): Attestation[] {
  return namedBy(provenance).map(one => one.source === 'peer-store' && addressBook?.isAttributed === true ? DHT : one)
}

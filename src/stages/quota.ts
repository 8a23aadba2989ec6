import { keepUnless, listStage } from '../pipeline/authoring/list-stage.ts'
import { checkArguments, checkOptions } from '../pipeline/check-options.ts'
import { LIMIT, oneOf, recordOf } from '../pipeline/option-kinds.ts'
import { SOURCE_NAME } from '../pipeline/source-kinds.ts'
import { isHearsay, namingReports } from '../pipeline/trust.ts'
import type { BySource } from '../pipeline/sources.ts'
import type { AddressReport, Candidate, Dial, Stage } from '../pipeline/types.ts'

export interface QuotaInit {
  /**
   * The maximum number of addresses from a source in one dial, by the name of the source. Unnamed sources have no limit
   *
   * @default pubsub: 8, and 16 for every other source of the trust level `hearsay`: `routing`, `dht`, and those that `addressBook({ trust })` places there
   */
  source?: BySource<number> | undefined
  /**
   * The maximum number of addresses that one peer may report of another
   *
   * @default 8
   */
  reporter?: number | undefined
  /**
   * Whether excess addresses are dropped, or put after all others, up to the node's `maxPeerAddrsToDial` in total
   *
   * @default 'drop'
   */
  excess?: 'drop' | 'last' | undefined
}

/** The default limits. Delegated routers return at most 26 addresses of an honest peer, and hundreds of a polluted one (go-libp2p issue 3486) */
const HEARSAY = 16
const PUBSUB = 8
const REPORTER = 8

const NONE: ReadonlyMap<Candidate, string> = new Map()

const DHT: AddressReport = { source: 'dht' }

/**
 * Creates a filter that caps the addresses of each source and each reporter in a dial. Junk then cannot displace good addresses, nor make the
 * node dial hundreds of hosts. The first addresses of the list stay, so put it below a ranker. Attempted addresses stay too. An address with
 * several sources counts for the one with the most room left. An address from a source without a limit counts for none.
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
    if (limits != null) {
      return limits.get(from) ?? Infinity
    }

    if (!isHearsay(from, addressBook?.trust)) {
      return Infinity
    }

    return from === 'pubsub' ? PUBSUB : HEARSAY
  }

  /** Returns the addresses over the limits, with the reason */
  function excessIn (candidates: readonly Candidate[], dial: Dial): Map<Candidate, string> {
    const self = dial.target.peerId?.toString()
    const bySource = new Map<string, number>()
    const byReporter = new Map<string, number>()

    const roomOf = ({ source, reporter }: AddressReport): number => Math.min(
      limitOf(source, dial) - (bySource.get(source) ?? 0),
      reporter == null || reporter === self ? Infinity : limitOfReporter - (byReporter.get(reporter) ?? 0)
    )

    function reasonOf (candidate: Candidate): string | undefined {
      const best = reportsOf(candidate, dial).reduce((best, one) => roomOf(one) > roomOf(best) ? one : best)
      const { source, reporter } = best

      if (roomOf(best) <= 0) {
        return limitOf(source, dial) <= (bySource.get(source) ?? 0) ? `more than ${limitOf(source, dial)} from ${source}` : `more than ${limitOfReporter} from ${reporter}`
      }

      bySource.set(source, (bySource.get(source) ?? 0) + 1)

      if (reporter != null) {
        byReporter.set(reporter, (byReporter.get(reporter) ?? 0) + 1)
      }
    }

    // attempted ones first: otherwise each one that failed and sank in the order would let in another
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
    // attempted addresses come first here too: otherwise a failed one that sank in the order would let in another
    const last = new Set([...rest.keys()].slice(0, room))

    return [...within, ...keepUnless(candidates.filter(one => rest.has(one)), work, one => last.has(one) ? undefined : rest.get(one), 'crowdOut')]
  }, { role: 'limit', asks: (candidate, dial) => reportsOf(candidate, dial).every(({ source, reporter }) => reporter != null || limitOf(source, dial) < Infinity) })
}

/** Returns the reports that count. If the book attributes all writes, an address that only the peer store has counts as reported by the DHT */
function reportsOf ({ provenance }: Candidate, { node: { addressBook } }: Dial): AddressReport[] {
  return namingReports(provenance).map(one => one.source === 'peer-store' && addressBook?.isAttributed === true ? DHT : one)
}

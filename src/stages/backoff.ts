import { keepUnless, listStage } from '../pipeline/authoring/list-stage.ts'
import { checkArguments, checkOptions } from '../pipeline/check-options.ts'
import { isNamedByCaller } from '../pipeline/candidate.ts'
import { WRONG_PEER_TIME } from '../pipeline/dial-components.ts'
import { hashText } from '../pipeline/hash-text.ts'
import { FINITE_MILLISECONDS } from '../pipeline/option-kinds.ts'
import type { Candidate, Dial, Failures, Stage } from '../pipeline/types.ts'

/** After its nth failure in a row an address is held back for `min(base + factor * (n - 1)², max)` milliseconds, ± 20 % */
export interface BackoffInit {
  /**
   * The backoff after the first failure, in milliseconds
   *
   * @default 5000
   */
  base?: number | undefined
  /**
   * The growth of the backoff in milliseconds, multiplied by the square of the number of earlier failures
   *
   * @default 1000
   */
  factor?: number | undefined
  /**
   * The maximum backoff in milliseconds
   *
   * @default 300000
   */
  max?: number | undefined
}

/** The share by which a backoff is longer or shorter, so that addresses which failed together are not retried together (gRPC, connection-backoff.md) */
const JITTER = 0.2

/** Milliseconds from a failure to the next attempt, for addresses whose backoff is shortened: all others are silent, or there are too many */
const MIN_INTERVAL = 1_000

/**
 * Creates a filter that holds back addresses which failed lately. The curve is go-libp2p's (swarm_dial.go, DialBackoff): 5 s after the first
 * failure, then 6, 9, 14, … up to 5 minutes. If another peer answered, the maximum is one hour.
 *
 * - Any connection to the peer ends the backoff, inbound ones included. A wrong-peer failure also ends when the peer itself, mDNS or the user
 *   reports the address again.
 * - An address that the caller of the dial named is never held back. With `force: true` no address is.
 * - If no other address is left, all held addresses return at once: libp2p's own dialer would report the failure without a wait.
 * - If all others are in flight and silent for longer than 49 of 50 first responses take, each returns 1 s after its last failure at the earliest.
 *   The same holds if the dial has more addresses than the node's `maxPeerAddrsToDial`.
 * - An address whose backoff expires during the dial returns too.
 * - Failures of the running dial do not count: `retry` decides about further attempts.
 *
 * @param init the curve of the backoff
 * @throws InvalidPipelineError for an unknown option, and a value that is not a finite number of milliseconds
 */
export function backoff (init: BackoffInit = {}): Stage<'candidates', 'candidates', 'backoff'> {
  checkArguments('backoff()', arguments, 1)
  checkOptions('backoff()', init, { base: FINITE_MILLISECONDS, factor: FINITE_MILLISECONDS, max: FINITE_MILLISECONDS })
  const { base = 5_000, factor = 1_000, max = 300_000 } = init

  function failuresOf (candidate: Candidate, dial: Dial): Failures | undefined {
    return isNamedByCaller(candidate) || dial.everTried(candidate) || dial.options.force === true ? undefined : dial.node.history.failures(candidate)
  }

  function expiryOf ({ count, at, isWrongPeer }: Failures, { id }: Candidate, { node: { peerId } }: Dial): number {
    const spread = 1 - JITTER + 2 * JITTER * (hashText(`${peerId.toString()} ${id} ${at}`) / 2 ** 32)

    return at + Math.min(base + factor * (count - 1) ** 2, isWrongPeer ? Math.max(max, WRONG_PEER_TIME) : max) * spread
  }

  return listStage('backoff', (dial, work) => {
    const released = new Set<string>()
    let isLifted = false

    return ({ candidates, call }) => {
      const now = dial.clock.now()
      isLifted ||= call === 'last'

      if (call != null) {
        candidates.forEach(({ id }) => { released.add(id) })
      }

      if (isLifted) {
        return candidates
      }

      // held for their whole backoff, these addresses would find the places of the dial taken by the others
      const isCrowded = candidates.length > dial.node.settings.maxPeerAddrsToDial
      let first = Infinity

      const rest = keepUnless(candidates, work, candidate => {
        const failures = failuresOf(candidate, dial)

        if (failures == null) {
          return
        }

        const until = expiryOf(failures, candidate, dial)
        const held = isCrowded || released.has(candidate.id) ? Math.min(until, failures.at + MIN_INTERVAL) : until

        if (held > now) {
          first = Math.min(first, held)

          return reasonOf(failures, held - now)
        }
      })

      if (first < Infinity) {
        work.at(first)
      }

      return rest
    }
  }, { role: 'filter' })
}

function reasonOf ({ count, isWrongPeer }: Failures, wait: number): string {
  const what = isWrongPeer ? 'another peer answered there' : 'failed'

  return `${what} ${count === 1 ? 'once' : `${count} times`}, next try in ${Math.ceil(wait / 1_000)} s`
}

import { keepUnless, listStage } from '../pipeline/authoring/list-stage.ts'
import { checkArguments, checkOptions } from '../pipeline/check-options.ts'
import { isGiven } from '../pipeline/candidate.ts'
import { WRONG_PEER_TIME } from '../pipeline/dial-components.ts'
import { hashText } from '../pipeline/hash-text.ts'
import { FINITE_MILLISECONDS } from '../pipeline/option-kinds.ts'
import { levelOf } from '../pipeline/trust.ts'
import type { TrustLevel } from '../pipeline/trust.ts'
import type { Candidate, Dial, Failures, Stage, Timer } from '../pipeline/types.ts'

/** After the nth failure in a row an address is left alone for `min(base + factor * (n - 1)², max)`, give or take a fifth */
export interface BackoffInit {
  /**
   * Milliseconds after the first failure
   *
   * @default 5000
   */
  base?: number
  /**
   * Milliseconds by which that grows, times the square of the number of earlier failures
   *
   * @default 1000
   */
  factor?: number
  /**
   * Milliseconds that it grows to
   *
   * @default 300000
   */
  max?: number
}

/** So that what failed in the same moment is not tried again in the same moment (gRPC, connection-backoff.md) */
const JITTER = 0.2

/** Milliseconds from one try of an address to the next, also where nothing else is left to try */
const LEAST = 1_000

/**
 * Drops an address that failed lately. The curve is go-libp2p's (swarm_dial.go, DialBackoff): 5 s after the first failure, 6,
 * 9, 14, … up to 5 minutes, and up to an hour where another peer answered. Any connection to the peer, also one that it began,
 * ends the backoff. Another peer's answer also counts no longer once the peer itself, mDNS or the user has named the address
 * again. Never dropped: an address that the caller of the dial named, and with `force: true` any.
 *
 * Backoff delays and reorders, and drops nothing for good: where nothing else is left to try, all addresses that are held back come
 * back, each 1 s after its last failure at the earliest. When the time of an address is over while the dial still runs, that address
 * comes back too. What fails in a dial is not held back in that same dial: whether it is tried again there is for `retry` to say.
 *
 * @throws InvalidPipelineError for an unknown option, and for what is not a finite number of milliseconds
 */
export function backoff (init: BackoffInit = {}): Stage<'candidates', 'candidates', 'backoff'> {
  checkArguments('backoff()', arguments, 1)
  checkOptions('backoff()', init, { base: FINITE_MILLISECONDS, factor: FINITE_MILLISECONDS, max: FINITE_MILLISECONDS })
  const { base = 5_000, factor = 1_000, max = 300_000 } = init

  function failuresOf (candidate: Candidate, dial: Dial): Failures | undefined {
    const failures = isGiven(candidate) || dial.everTried(candidate) || dial.options.force === true ? undefined : dial.node.history.failures(candidate)

    return failures?.isWrongPeer === true && wasNamedSince(candidate, failures.at) ? undefined : failures
  }

  function untilOf ({ count, at, isWrongPeer }: Failures, { id }: Candidate, { node: { peerId } }: Dial): number {
    const spread = 1 - JITTER + 2 * JITTER * (hashText(`${peerId.toString()} ${id} ${at}`) / 2 ** 32)

    return at + Math.min(base + factor * (count - 1) ** 2, isWrongPeer ? Math.max(max, WRONG_PEER_TIME) : max) * spread
  }

  return listStage('backoff', (dial, work) => {
    let isLifted = false
    let wait: Timer | undefined

    return ({ candidates, last }) => {
      const now = dial.clock.now()
      isLifted ||= last
      let first = Infinity

      const rest = keepUnless(candidates, work, candidate => {
        const failures = failuresOf(candidate, dial)

        if (failures == null) {
          return
        }

        const until = untilOf(failures, candidate, dial)
        // where nothing else is left, an address comes back sooner
        const held = isLifted ? Math.min(until, failures.at + LEAST) : until

        if (held > now) {
          first = Math.min(first, held)

          return reasonOf(failures, held - now)
        }
      })

      if (first < Infinity && !isLifted) {
        work.at(first)
      } else if (first < Infinity && wait?.done !== false) {
        // nothing else keeps the dial alive
        wait = work.after(first - now, true)
      }

      return rest
    }
  }, { role: 'filter' })
}

/** The peer itself, its neighbours on the link and the user know where a peer is now: their word is newer than a failure before it */
const FIRST_HAND: ReadonlySet<TrustLevel> = new Set(['configured', 'certified', 'identify', 'local'])

function wasNamedSince ({ provenance }: Candidate, at: number): boolean {
  return provenance.some(({ source, lastSeen = -Infinity }) => FIRST_HAND.has(levelOf(source)) && lastSeen > at)
}

function reasonOf ({ count, isWrongPeer }: Failures, wait: number): string {
  const what = isWrongPeer ? 'another peer answered there' : 'failed'

  return `${what} ${count === 1 ? 'once' : `${count} times`}, next try in ${Math.ceil(wait / 1_000)} s`
}

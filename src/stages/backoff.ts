import { checkOptions } from '../pipeline/check-options.ts'
import { isGiven } from '../pipeline/given.ts'
import { hashText } from '../pipeline/hash-text.ts'
import { judged } from '../pipeline/judged.ts'
import { named } from '../pipeline/named.ts'
import { check } from '../pipeline/observe.ts'
import { FINITE_MILLISECONDS } from '../pipeline/option-kinds.ts'
import { react, Work } from '../pipeline/react.ts'
import { OWN_WORD } from '../pipeline/sources.ts'
import { NothingElse } from './nothing-else.ts'
import type { Candidate, Dial, DialComponents, Failures, List, StageInit } from '../pipeline/types.ts'

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

/** Milliseconds that it grows to where another peer answers: that changes with a lease or a key, not with load */
const MAX_WRONG_PEER = 3_600_000

/** Milliseconds from one try of an address to the next, also where nothing else is left to try */
const LEAST = 1_000

/** What `setTimeout` waits at most, in milliseconds */
const LONGEST = 2 ** 31 - 1

/** An address that failed lately, and when it may be tried again */
interface Hold {
  readonly failures: Failures
  readonly until: number
}

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
export function backoff (init: BackoffInit = {}): StageInit<'candidates', 'candidates', 'backoff'> {
  checkOptions('backoff()', init, { base: FINITE_MILLISECONDS, factor: FINITE_MILLISECONDS, max: FINITE_MILLISECONDS })
  const { base = 5_000, factor = 1_000, max = 300_000 } = init

  function holdOf (candidate: Candidate, dial: Dial, { history, peerId }: DialComponents): Hold | undefined {
    const failures = isGiven(candidate) || dial.everTried(candidate) || dial.options.force === true ? undefined : history.failures(candidate)

    if (failures == null || (failures.isWrongPeer && wasNamedSince(candidate, failures.at))) {
      return
    }

    const { count, at, isWrongPeer } = failures
    const spread = 1 - JITTER + 2 * JITTER * (hashText(`${peerId.toString()} ${candidate.id} ${at}`) / 2 ** 32)

    return { failures, until: at + Math.min(base + factor * (count - 1) ** 2, isWrongPeer ? Math.max(max, MAX_WRONG_PEER) : max) * spread }
  }

  return check(named('backoff', ['candidates'], 'candidates', components => ({
    run: async function * (source, dial) {
      const work = new Work()
      const nothingElse = new NothingElse(dial)
      let isLifted = false
      let cancel: (() => void) | undefined

      function next (list: List): List {
        const now = dial.clock.now()
        const holds = new Map(list.candidates.flatMap(candidate => {
          const hold = holdOf(candidate, dial, components)

          return hold == null || hold.until <= now ? [] : [[candidate, hold]]
        }))
        isLifted ||= holds.size > 0 && nothingElse.isLeft(list, one => holds.has(one))

        for (const [candidate, { failures, until }] of isLifted ? holds : []) {
          const soon = Math.min(until, failures.at + LEAST)

          if (soon <= now) {
            holds.delete(candidate)
          } else {
            holds.set(candidate, { failures, until: soon })
          }
        }

        const first = Math.min(...Array.from(holds.values(), ({ until }) => until))
        cancel?.()
        cancel = first === Infinity ? undefined : dial.clock.setTimeout(() => { work.changed() }, Math.min(first - now, LONGEST))
        const rest = judged(list, dial, candidate => reasonOf(holds.get(candidate), now) ?? true)

        return isLifted && holds.size > 0 ? { ...rest, complete: false } : rest
      }

      try {
        yield * react<List, List>(source, dial.signal, work, next)
      } finally {
        cancel?.()
      }
    }
  })))
}

function wasNamedSince ({ provenance }: Candidate, at: number): boolean {
  return provenance.some(({ source, lastSeen = -Infinity }) => OWN_WORD.includes(source) && lastSeen > at)
}

function reasonOf (hold: Hold | undefined, now: number): string | undefined {
  if (hold == null) {
    return
  }

  const { failures: { count, isWrongPeer }, until } = hold
  const what = isWrongPeer ? 'another peer answered there' : 'failed'

  return `${what} ${count === 1 ? 'once' : `${count} times`}, next try in ${Math.ceil((until - now) / 1_000)} s`
}

import { InvalidPipelineError } from '../pipeline/errors.ts'
import { isGiven } from '../pipeline/given.ts'
import { judged } from '../pipeline/judged.ts'
import { named } from '../pipeline/named.ts'
import { check } from '../pipeline/observe.ts'
import { react, Work } from '../pipeline/react.ts'
import type { Candidate, DialComponents, Failures, List, StageInit } from '../pipeline/types.ts'

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

/** What `setTimeout` waits at most, in milliseconds */
const LONGEST = 2 ** 31 - 1

/**
 * Drops an address that failed lately, and one where another peer answers. The curve is go-libp2p's (swarm_dial.go, DialBackoff):
 * 5 s after the first failure, 6, 9, 14, … up to 5 minutes. Any connection to the peer, also one that it began, ends it. An
 * address that the caller of the dial named is tried all the same, and with `force: true` every one is at which no other
 * peer answered. When the time of an address is over while the dial still runs, it comes back. What fails in a dial is not
 * held back in that same dial: whether it is tried again there is for `retry` to say.
 *
 * @throws InvalidPipelineError for what is no number of milliseconds
 */
export function backoff ({ base = 5_000, factor = 1_000, max = 300_000 }: BackoffInit = {}): StageInit<'candidates', 'candidates', 'backoff'> {
  for (const [name, ms] of Object.entries({ base, factor, max })) {
    if (!(Number.isFinite(ms) && ms >= 0)) {
      throw new InvalidPipelineError(`backoff() needs a number of milliseconds as ${name}, not ${String(ms)}`)
    }
  }

  function duration ({ count, at }: Failures, { id }: Candidate, { peerId }: DialComponents): number {
    const spread = 1 - JITTER + 2 * JITTER * fraction(`${peerId.toString()} ${id} ${at}`)

    return Math.min(base + factor * (count - 1) ** 2, max) * spread
  }

  return check(named('backoff', ['candidates'], 'candidates', components => ({
    run: async function * (source, dial) {
      const work = new Work()
      let cancel: (() => void) | undefined

      try {
        yield * react<List, List>(source, dial.signal, work, list => {
          const now = dial.clock.now()
          let first = Infinity

          const rest = judged(list, dial, candidate => {
            const failures = isGiven(candidate) || dial.everTried(candidate) ? undefined : components.history.failures(candidate)

            if (failures?.isWrongPeer === true) {
              return 'another peer answers there'
            }

            if (failures == null || dial.options.force === true) {
              return true
            }

            const until = failures.at + duration(failures, candidate, components)

            if (until <= now) {
              return true
            }

            first = Math.min(first, until)

            return `failed ${failures.count === 1 ? 'once' : `${failures.count} times`}, next try in ${Math.ceil((until - now) / 1_000)} s`
          })

          cancel?.()
          cancel = first === Infinity ? undefined : dial.clock.setTimeout(() => { work.changed() }, Math.min(first - now, LONGEST))

          return rest
        })
      } finally {
        cancel?.()
      }
    }
  })))
}

/** A number from 0 up to 1, always the same for the same text (FNV-1a) */
function fraction (text: string): number {
  let hash = 0x811c9dc5

  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  }

  return (hash >>> 0) / 2 ** 32
}

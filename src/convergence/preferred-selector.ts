import type { ConnectionInfo } from './keeper.ts'
import type { ConnectionPreference } from '../pipeline/convergence.ts'

/** Minimum advantage of a faster connection in round-trip time: 20 %, and 5 ms, which is the noise of a busy machine */
const FACTOR = 0.8
const MARGIN = 5

/** Milliseconds for which a connection has to be faster: three measurements of libp2p's connection monitor */
const MIN_AGE = 30_000

/** Selects the connection that new streams use. A preferred kind counts at once, speed only after `MIN_AGE` (hysteresis) */
export class PreferredSelector<C> {
  /** Whether a connection has been faster for long enough, and is taken when it answers */
  isDue = false
  readonly #prefer: ConnectionPreference
  #current?: C
  #challenger?: { connection: C, since: number }

  constructor (prefer: ConnectionPreference) {
    this.#prefer = prefer
  }

  get current (): C | undefined {
    return this.#current
  }

  update (all: ReadonlyArray<ConnectionInfo<C>>, now: number): C | undefined {
    this.isDue = false
    const current = all.find(({ connection }) => connection === this.#current)
    const best = all.reduce<ConnectionInfo<C> | undefined>((best, one) => best == null || this.#prefer(one.facts, best.facts) < 0 ? one : best, current)

    if (current == null || best !== current) {
      this.#challenger = undefined
      this.#current = best?.connection
    } else {
      this.#race(current, all, now)
    }

    return this.#current
  }

  #race (current: ConnectionInfo<C>, all: ReadonlyArray<ConnectionInfo<C>>, now: number): void {
    const faster = all.filter(one => this.#prefer(one.facts, current.facts) === 0 && isFaster(one, current))
    const standing = faster.find(({ connection }) => connection === this.#challenger?.connection)
    const challenger = standing ?? faster.reduce<ConnectionInfo<C> | undefined>((best, one) => best == null || (one.facts.rtt ?? 0) < (best.facts.rtt ?? 0) ? one : best, undefined)

    if (challenger == null) {
      this.#challenger = undefined
    } else if (standing == null) {
      this.#challenger = { connection: challenger.connection, since: now }
    } else {
      const due = (this.#challenger?.since ?? now) + MIN_AGE

      if (challenger.answeredAt != null && challenger.answeredAt >= due) {
        this.#challenger = undefined
        this.#current = challenger.connection
      } else {
        this.isDue = now >= due
      }
    }
  }
}

function isFaster<C> ({ facts: { rtt } }: ConnectionInfo<C>, { facts: { rtt: other } }: ConnectionInfo<C>): boolean {
  return rtt != null && other != null && rtt <= other * FACTOR && other - rtt >= MARGIN
}

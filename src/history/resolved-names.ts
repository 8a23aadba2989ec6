import { ipOf } from '../address/ip.ts'
import type { Candidate } from '../pipeline/types.ts'

/** Milliseconds for which a resolved name proves that DNS works */
const FRESH = 10_000

/** The two names that were resolved last. While one is recent, DNS works, and the failure of another name is its own */
export class ResolvedNames {
  #latest: ReadonlyArray<{ readonly name: string, readonly at: number }> = []

  /** Records that the host of an address was resolved, if it is a name */
  resolved (candidate: Candidate, now: number): void {
    const name = nameToResolve(candidate)

    if (name != null) {
      this.#latest = [{ name, at: now }, ...this.#latest.filter(one => one.name !== name)].slice(0, 2)
    }
  }

  /** Returns whether another name than that of an address was resolved recently */
  hasOther (candidate: Candidate, now: number): boolean {
    const name = nameToResolve(candidate)

    return this.#latest.some(one => one.name !== name && now - one.at < FRESH)
  }
}

/** Returns the host if DNS has to resolve it. Undefined: an IP address, this machine, or no host */
function nameToResolve ({ multiaddr, facts }: Candidate): string | undefined {
  return facts.network === 'name' && facts.scope !== 'loopback' && ipOf(multiaddr) == null ? facts.host : undefined
}

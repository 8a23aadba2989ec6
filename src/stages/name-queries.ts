import { whyNoHostName } from '../address/host-name.ts'
import { answerJudge } from './provenance.ts'
import type { StageWork } from '../pipeline/runtime/work.ts'
import type { Candidate } from '../pipeline/types.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** go-libp2p's limits (swarm_dial.go): a name could expand without bounds otherwise. A query for one IP version counts as one */
export const MAX_QUERIES = 32
export const MAX_RESULTS = 100

export const TOO_MANY_QUERIES = `takes more than the ${MAX_QUERIES} queries of a dial to resolve`
export const TOO_MANY_RESULTS = `resolves to more than the ${MAX_RESULTS} addresses of a dial`

/** The names that a stage queries in one run, and what is left of its limits */
export class NameQueries {
  queriesLeft = MAX_QUERIES
  resultsLeft = MAX_RESULTS
  readonly dial: StageWork
  #whyRefused?: ReturnType<typeof answerJudge>

  constructor (dial: StageWork) {
    this.dial = dial
  }

  /** Drops a name that may not be queried. Returns whether it did */
  refuse (name: Candidate): boolean {
    const reason = this.#whyWrong(name.multiaddr) ?? (this.#whyRefused ??= answerJudge(this.dial))(name)

    if (reason != null) {
      this.dial.drop(name, reason)
    }

    return reason != null
  }

  /** Counts a query. Returns why it may not be made */
  begin (name: Multiaddr): string | undefined {
    return this.#whyWrong(name) ?? (this.queriesLeft-- > 0 ? undefined : TOO_MANY_QUERIES)
  }

  /** Drops a name without results. Above a limit, other names have taken its room */
  drop (name: Candidate, reason: string, cause?: Error): void {
    if (reason === TOO_MANY_QUERIES || reason === TOO_MANY_RESULTS) {
      this.dial.crowdOut(name, reason)
    } else {
      this.dial.drop(name, reason, cause)
    }
  }

  /** DNS would read a malformed host as another name, and the answers no longer match a ban of the name */
  #whyWrong (multiaddr: Multiaddr): string | undefined {
    return whyNoHostName(multiaddr.getComponents()) ?? this.dial.node.bans?.reasonFor({ multiaddr })
  }
}

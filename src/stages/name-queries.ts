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

  /** Drops a name that may not be queried. Returns whether the name was dropped */
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

  /** Drops a name without results. A name over a limit is crowded out: another caller may get a dial of its own for it */
  drop (name: Candidate, reason: string, cause?: Error): void {
    if (reason === TOO_MANY_QUERIES || reason === TOO_MANY_RESULTS) {
      this.dial.crowdOut(name, reason)
    } else {
      this.dial.drop(name, reason, cause)
    }
  }

  /** Returns why a name is malformed or banned. DNS would read a malformed one as another name, which a ban of the name does not match */
  #whyWrong (multiaddr: Multiaddr): string | undefined {
    return whyNoHostName(multiaddr.getComponents()) ?? this.dial.node.bans?.reasonFor({ multiaddr })
  }
}

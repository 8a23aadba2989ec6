import parallel from 'it-parallel'
import { whyNoHost } from '../address/host-name.ts'
import { candidate as toCandidate } from '../pipeline/candidate.ts'
import { catchRejection, settledOrAborted } from '../pipeline/foreign-promises.ts'
import { checkArguments, checkOptions } from '../pipeline/check-options.ts'
import { describeValue } from '../pipeline/describe-value.ts'
import { toError } from '../pipeline/errors.ts'
import { expanding } from '../pipeline/authoring/expand.ts'
import { onlyMultiaddrs } from '../pipeline/only-multiaddrs.ts'
import { recordOf, RESOLVER } from '../pipeline/option-kinds.ts'
import { TurnTaker } from '../pipeline/runtime/turns.ts'
import type { StageWork } from '../pipeline/runtime/work.ts'
import type { Candidate, Dial, Stage } from '../pipeline/types.ts'
import type { MultiaddrResolveOptions, MultiaddrResolver } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** What go-libp2p allows (swarm_dial.go); nothing bounds how much a name can expand to otherwise */
const MAX_DEPTH = 4
const MAX_QUERIES = 32
const MAX_RESULTS = 100
const CONCURRENCY = 8

/** How much of one answer is read: a dial asks and takes no more */
const MAX_ANSWERS = MAX_QUERIES + MAX_RESULTS

const TOO_MANY_QUERIES = `takes more than the ${MAX_QUERIES} queries of a dial to resolve`
const TOO_MANY_RESULTS = `resolves to more than the ${MAX_RESULTS} addresses of a dial`

export interface ResolveInit {
  /** By protocol. Default: the node's own, from its `connectionManager` settings */
  resolvers?: Readonly<Record<string, MultiaddrResolver>>
}

/** What one dial may still ask, and whom */
interface Budget {
  resolvers: readonly MultiaddrResolver[]
  queries: number
  results: number
}

/**
 * Resolves names (`/dnsaddr/…`) with the node's resolvers. Answers flow as they come; what cannot be resolved is
 * dropped with the reason, and the rest goes on. Recursion ends at depth 4, 32 queries and 100 results a dial;
 * each try of a `retry` and each alternative of a `fallback` begins anew.
 *
 * @throws InvalidPipelineError for an unknown or wrong option
 */
export function resolve (init: ResolveInit = {}): Stage<'candidates', 'candidates', 'resolve'> {
  checkArguments('resolve()', arguments, 1)
  checkOptions('resolve()', init, { resolvers: recordOf(RESOLVER) })
  const budgets = new WeakMap<Dial, Budget>()

  return expanding('resolve', (candidate, dial, work) => {
    const resolvers = Object.values(init.resolvers ?? dial.node.settings.resolvers)

    if (resolverFor(candidate.multiaddr, { resolvers }) == null) {
      return [candidate]
    }

    const budget = budgets.get(dial) ?? { resolvers, queries: MAX_QUERIES, results: MAX_RESULTS }
    budgets.set(dial, budget)

    return resolveAll(candidate, dial, work as StageWork, budget)
  })
}

async function * resolveAll (candidate: Candidate, dial: Dial, work: StageWork, budget: Budget): AsyncGenerator<Candidate> {
  const turns = new TurnTaker()
  let level: Multiaddr[] = [candidate.multiaddr]
  let found = 0
  let reason: string | undefined
  let error: Error | undefined

  for (let depth = 0; depth < MAX_DEPTH && level.length > 0; depth++) {
    const next: Multiaddr[] = []

    for await (const { answers, failure, cause } of parallel(level.map(one => async () => query(one, dial, budget)), { concurrency: CONCURRENCY })) {
      reason ??= failure
      error ??= cause

      for (const answer of answers) {
        const turn = turns.next()

        if (turn != null) {
          await turn
        }

        if (resolverFor(answer, budget) != null) {
          if (next.length < budget.queries) {
            next.push(answer)
          } else {
            reason ??= TOO_MANY_QUERIES
          }
        } else if (budget.results-- > 0) {
          found++
          yield derive(candidate, answer, dial)
        } else {
          reason ??= TOO_MANY_RESULTS
        }
      }
    }

    level = next
  }

  if (level.length > 0) {
    reason ??= `resolves to names of names, more than ${MAX_DEPTH} deep`
  }

  // of one of which a part was resolved that part says what became of it
  if (found > 0 || reason == null) {
    return
  }

  if (reason === TOO_MANY_QUERIES || reason === TOO_MANY_RESULTS) {
    work.crowdOut(candidate, reason)
  } else {
    work.drop(candidate, reason, error)
  }
}

interface Answers {
  answers: readonly Multiaddr[]
  failure?: string
  /** Of a resolver */
  cause?: Error
}

/** Never rejects: one name that cannot be resolved is no reason to drop the others */
async function query (name: Multiaddr, dial: Dial, budget: Budget): Promise<Answers> {
  const { node: components } = dial
  // DNS would read the one as another name, and the answers do not say that the other is banned
  const failure = whyNoHost(name.getComponents()) ?? components.bans?.reasonFor({ multiaddr: name })

  if (failure != null) {
    return { answers: [], failure }
  }

  if (budget.queries-- <= 0) {
    return { answers: [], failure: TOO_MANY_QUERIES }
  }

  try {
    const options = { dns: components.dns, log: dial.log, signal: dial.signal, onProgress: dial.options.onProgress } as MultiaddrResolveOptions
    const answers = await settledOrAborted(resolverFor(name, budget)?.resolve(name, options) ?? [], dial.signal)

    if (!Array.isArray(answers)) {
      throw new Error(`its resolver answered ${describeValue(answers)} where a list of multiaddrs was expected`)
    }

    const multiaddrs = [...onlyMultiaddrs(answers.slice(0, MAX_ANSWERS), dial)]

    return multiaddrs.length === 0 && answers.length > 0 ? { answers: [], failure: 'could not be resolved: its resolver answered no multiaddr' } : { answers: multiaddrs }
  } catch (thrown) {
    dial.signal.throwIfAborted()
    const error = toError(thrown)
    dial.log.error('could not resolve %a - %e', name, error)

    return { answers: [], failure: `could not be resolved: ${error.message}`, cause: error }
  }
}

function derive (from: Candidate, answer: Multiaddr, dial: Dial): Candidate {
  return toCandidate(answer, dial.target.peerId, {
    provenance: [...from.provenance, { source: 'dns' }]
  })
}

/** libp2p's own dialer goes by whether the answer is truthy, and a node's resolvers are written for that */
function resolverFor (multiaddr: Multiaddr, { resolvers }: Pick<Budget, 'resolvers'>): MultiaddrResolver | undefined {
  return resolvers.find(resolver => {
    const answer: unknown = resolver.canResolve(multiaddr)
    catchRejection(answer, () => {})

    return Boolean(answer)
  })
}

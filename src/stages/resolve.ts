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

  return expanding('resolve', (dial, work) => {
    const resolvers = Object.values(init.resolvers ?? dial.node.settings.resolvers)
    const run = { dial, work, resolvers, queriesLeft: MAX_QUERIES, resultsLeft: MAX_RESULTS }

    return candidate => resolverFor(candidate.multiaddr, resolvers) == null ? [candidate] : resolveAll(candidate, run)
  })
}

/** What one run of the stage may still ask, and whom */
interface Run {
  readonly dial: Dial
  readonly work: StageWork
  readonly resolvers: readonly MultiaddrResolver[]
  queriesLeft: number
  resultsLeft: number
}

async function * resolveAll (candidate: Candidate, run: Run): AsyncGenerator<Candidate> {
  const { dial, work, resolvers } = run
  let level: Multiaddr[] = [candidate.multiaddr]
  let found = 0
  let reason: string | undefined
  let error: Error | undefined

  for (let depth = 0; depth < MAX_DEPTH && level.length > 0; depth++) {
    const next: Multiaddr[] = []

    for await (const { answers, failure, cause } of parallel(level.map(one => async () => query(one, run)), { concurrency: CONCURRENCY })) {
      reason ??= failure
      error ??= cause

      for (const answer of answers) {
        if (resolverFor(answer, resolvers) != null) {
          if (next.length < run.queriesLeft) {
            next.push(answer)
          } else {
            reason ??= TOO_MANY_QUERIES
          }
        } else if (run.resultsLeft-- > 0) {
          found++
          yield toCandidate(answer, dial.target.peerId, { provenance: [...candidate.provenance, { source: 'dns' }] })
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
async function query (name: Multiaddr, run: Run): Promise<Answers> {
  const { dial, dial: { node: components }, resolvers } = run
  // DNS would read the one as another name, and the answers do not say that the other is banned
  const failure = whyNoHost(name.getComponents()) ?? components.bans?.reasonFor({ multiaddr: name })

  if (failure != null) {
    return { answers: [], failure }
  }

  if (run.queriesLeft-- <= 0) {
    return { answers: [], failure: TOO_MANY_QUERIES }
  }

  try {
    const options = { dns: components.dns, log: dial.log, signal: dial.signal, onProgress: dial.options.onProgress } as MultiaddrResolveOptions
    const answers = await settledOrAborted(resolverFor(name, resolvers)?.resolve(name, options) ?? [], dial.signal)

    if (!Array.isArray(answers)) {
      throw new Error(`its resolver answered ${describeValue(answers)} where a list of multiaddrs was expected`)
    }

    const multiaddrs = onlyMultiaddrs(answers.slice(0, MAX_ANSWERS), dial)

    return multiaddrs.length === 0 && answers.length > 0 ? { answers: [], failure: 'could not be resolved: its resolver answered no multiaddr' } : { answers: multiaddrs }
  } catch (thrown) {
    dial.signal.throwIfAborted()
    const error = toError(thrown)
    dial.log.error('could not resolve %a - %e', name, error)

    return { answers: [], failure: `could not be resolved: ${error.message}`, cause: error }
  }
}

/** libp2p's own dialer goes by whether the answer is truthy, and a node's resolvers are written for that */
function resolverFor (multiaddr: Multiaddr, resolvers: readonly MultiaddrResolver[]): MultiaddrResolver | undefined {
  return resolvers.find(resolver => {
    const answer: unknown = resolver.canResolve(multiaddr)
    catchRejection(answer, () => {})

    return Boolean(answer)
  })
}

import parallel from 'it-parallel'
import { candidate as toCandidate } from '../pipeline/candidate.ts'
import { catchRejection, settledOrAborted } from '../pipeline/foreign-promises.ts'
import { checkArguments, checkOptions } from '../pipeline/check-options.ts'
import { describeValue } from '../pipeline/describe-value.ts'
import { toError } from '../pipeline/errors.ts'
import { MAX_QUERIES, MAX_RESULTS, NameQueries, TOO_MANY_QUERIES, TOO_MANY_RESULTS } from './name-queries.ts'
import { makeExpand } from '../pipeline/authoring/expand.ts'
import { onlyMultiaddrs } from '../pipeline/authoring/findings.ts'
import { recordOf, RESOLVER } from '../pipeline/option-kinds.ts'
import type { Candidate, Stage } from '../pipeline/types.ts'
import type { MultiaddrResolveOptions, MultiaddrResolver } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The maximum depth of names that resolve to names: go-libp2p's limit (swarm_dial.go) */
const MAX_DEPTH = 4
const CONCURRENCY = 8

/** The maximum number of items that are read from one answer: as many as a run may query and add */
const MAX_ANSWERS = MAX_QUERIES + MAX_RESULTS

export interface ResolveInit {
  /** The resolvers, by protocol. Default: those in the node's `connectionManager` settings */
  resolvers?: Readonly<Record<string, MultiaddrResolver>> | undefined
}

/**
 * Creates a stage that resolves `/dnsaddr` names with the node's resolvers. Answers join the list as they arrive. A name that cannot be resolved
 * is dropped with the reason, and the dial goes on with the others. A name whose answers the dial option `provenance` would refuse is dropped
 * without a query. A run is limited to a depth of 4, 32 queries and 100 results. Each run of a
 * `retry` and each alternative of a `fallback` has limits of its own.
 *
 * @throws InvalidPipelineError for an unknown or wrong option
 */
export function resolve (init: ResolveInit = {}): Stage<'candidates', 'candidates', 'resolve'> {
  checkArguments('resolve()', arguments, 1)
  checkOptions('resolve()', init, { resolvers: recordOf(RESOLVER) })

  return makeExpand('resolve', (dial, work) => {
    const resolvers = Object.values(init.resolvers ?? dial.node.settings.resolvers)
    // created for the first name: most dials have none
    let names: NameQueries | undefined

    return candidate => {
      if (!resolvers.some(canResolve(candidate.multiaddr))) {
        return [candidate]
      }

      names ??= new NameQueries(work)

      return names.refuse(candidate) ? [] : resolveAll(candidate, resolvers, names)
    }
  })
}

async function * resolveAll (candidate: Candidate, resolvers: readonly MultiaddrResolver[], names: NameQueries): AsyncGenerator<Candidate> {
  let level: Multiaddr[] = [candidate.multiaddr]
  let found = 0
  let reason: string | undefined
  let error: Error | undefined

  for (let depth = 0; depth < MAX_DEPTH && level.length > 0; depth++) {
    const next: Multiaddr[] = []

    for await (const { answers, failure, cause } of parallel(level.flatMap(one => resolvers.filter(canResolve(one)).map(resolver => async () => query(one, resolver, names))), { concurrency: CONCURRENCY })) {
      reason ??= failure
      error ??= cause

      for (const answer of answers) {
        if (resolvers.some(canResolve(answer))) {
          if (next.length < names.queriesLeft) {
            next.push(answer)
          } else {
            reason ??= TOO_MANY_QUERIES
          }
        } else if (names.resultsLeft-- > 0) {
          found++
          yield toCandidate(answer, names.dial.target.peerId, { provenance: [...candidate.provenance, { source: 'dns' }] })
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

  // a name with at least one address counts as resolved, whatever else failed
  if (found === 0 && reason != null) {
    names.drop(candidate, reason, error)
  }
}

interface Answers {
  answers: readonly Multiaddr[]
  failure?: string
  cause?: Error
}

/** Asks one resolver for a name. Rejects only when the dial ends: a name that cannot be resolved must not drop the others */
async function query (name: Multiaddr, resolver: MultiaddrResolver, names: NameQueries): Promise<Answers> {
  const { dial } = names
  const failure = names.begin(name)

  if (failure != null) {
    return { answers: [], failure }
  }

  try {
    const options = { dns: dial.node.dns, log: dial.log, signal: dial.signal, onProgress: dial.options.onProgress } as MultiaddrResolveOptions
    const answers = await settledOrAborted(resolver.resolve(name, options), dial.signal)

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

/** Returns a predicate of resolvers: those with a truthy answer are all asked for a name, as by libp2p's own dialer */
function canResolve (multiaddr: Multiaddr): (resolver: MultiaddrResolver) => boolean {
  return resolver => {
    const answer: unknown = resolver.canResolve(multiaddr)
    catchRejection(answer, () => {})

    return Boolean(answer)
  }
}

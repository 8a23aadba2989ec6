import { dns as defaultDns, RecordType } from '@multiformats/dns'
import { CODE_HTTPS, CODE_IP4, CODE_IP6, CODE_TLS, CODE_WSS, multiaddr } from '@multiformats/multiaddr'
import { destinationsOf } from '../address/destinations.ts'
import { hostNameOf, whyNoHostName } from '../address/host-name.ts'
import { ipOf } from '../address/ip.ts'
import { candidate as toCandidate } from '../pipeline/candidate.ts'
import { checkArguments } from '../pipeline/check-options.ts'
import { toError } from '../pipeline/errors.ts'
import { settledOrAborted } from '../pipeline/foreign-promises.ts'
import { makeExpand } from '../pipeline/authoring/expand.ts'
import { NameAnswers } from '../pipeline/name-answers.ts'
import { nodeState } from '../pipeline/runtime/make-stage.ts'
import { answerJudge } from './provenance.ts'
import type { Candidate, Dial, Stage, Work } from '../pipeline/types.ts'
import type { DNS, QueryOptions } from '@multiformats/dns'
import type { Component, Multiaddr } from '@multiformats/multiaddr'

/** The limits of `resolve()`. A query for one IP version counts as one */
const MAX_QUERIES = 32
const MAX_RESULTS = 100

/** The record types for each protocol of a host */
const RECORDS: Readonly<Record<string, readonly RecordType[]>> = {
  dns: [RecordType.A, RecordType.AAAA],
  dns4: [RecordType.A],
  dns6: [RecordType.AAAA]
}

/** The protocols that need the host name for the certificate */
const TLS = new Set([CODE_TLS, CODE_WSS, CODE_HTTPS])

/**
 * Creates a stage that replaces `/dns4`, `/dns6` and `/dns` addresses by their IP addresses, looked up with the node's `dns`. Filters below then
 * judge the address that is dialled. A TLS address stays a name: its transport needs the name for the certificate, and looks it up again.
 * A name whose answers the dial option `provenance` would refuse is dropped without a query.
 *
 * A run is limited to 32 queries and 100 results. Each run of a `retry` and each alternative of a `fallback` has limits of its own.
 */
export function lookup (): Stage<'candidates', 'candidates', 'lookup'> {
  checkArguments('lookup()', arguments)

  let own: DNS | undefined

  return makeExpand('lookup', (dial, work) => {
    const { bans, dns = (own ??= defaultDns()) } = dial.node
    const run = { dial, work, dns, queriesLeft: MAX_QUERIES, resultsLeft: MAX_RESULTS }
    let whyRefused: ReturnType<typeof answerJudge> | undefined

    return candidate => {
      const [host, ...rest] = candidate.multiaddr.getComponents()
      const records = RECORDS[host?.name ?? '']

      // a name that contains its IP address needs no query
      if (host?.value == null || records == null || rest.some(({ code }) => TLS.has(code)) || candidate.facts.scope !== 'name') {
        return [candidate]
      }

      // DNS would read a malformed host as another name, and an IP address no longer matches a ban of the name
      const reason = whyNoHostName(candidate.multiaddr.getComponents()) ?? bans?.reasonFor(candidate) ?? (whyRefused ??= answerJudge(dial))(candidate)

      if (reason != null) {
        work.drop(candidate, reason)
        return []
      }

      return lookUp(candidate, hostNameOf(host.value), rest, records, run)
    }
  })
}

/** The remaining queries and results of one run */
interface Run {
  readonly dial: Dial
  readonly work: Work
  readonly dns: DNS
  queriesLeft: number
  resultsLeft: number
}

async function lookUp (candidate: Candidate, name: string, rest: readonly Component[], records: readonly RecordType[], run: Run): Promise<Candidate[]> {
  const { dial, work } = run
  // a host without addresses of one IP version may have some of the other
  const answers = await Promise.allSettled(records.map(async record => query(name, record, rest, run)))
  dial.signal.throwIfAborted()

  const found = answers.flatMap(answer => answer.status === 'fulfilled' ? answer.value : []).slice(0, run.resultsLeft)
    .map(one => toCandidate(one, dial.target.peerId, { provenance: [...candidate.provenance, { source: 'dns' }] }))
  run.resultsLeft -= found.length
  record(candidate, found, dial)

  if (found.length === 0) {
    const failure = answers.find(answer => answer.status === 'rejected')
    work.drop(candidate, `could not be looked up: ${failure == null ? `it has no addresses, or more than the ${MAX_RESULTS} of a dial` : toError(failure.reason).message}`)
  }

  return found
}

/** Records where the name leads, for the filters: the same name over TLS stays a name */
function record (candidate: Candidate, found: readonly Candidate[], { node }: Dial): void {
  const ips = found.flatMap(({ multiaddr }) => ipOf(multiaddr) ?? [])

  for (const { name } of destinationsOf(candidate.multiaddr)) {
    if (name != null) {
      nodeState(node, NameAnswers).record(name, ips)
    }
  }
}

async function query (name: string, record: RecordType, rest: readonly Component[], run: Run): Promise<Multiaddr[]> {
  const { dial, dns } = run

  if (run.queriesLeft-- <= 0) {
    throw new Error(`more than the ${MAX_QUERIES} queries of a dial`)
  }

  const { Answer } = await settledOrAborted(dns.query(name, { types: [record], signal: dial.signal, onProgress: dial.options.onProgress as QueryOptions['onProgress'] }), dial.signal)
  const ip = record === RecordType.A ? { code: CODE_IP4, name: 'ip4' } : { code: CODE_IP6, name: 'ip6' }

  return Answer.filter(({ type }) => isOfType(type, record)).map(({ data }) => multiaddr([{ ...ip, value: data }, ...rest]))
}

/** Compares by number and by name: the resolvers of @multiformats/dns answer the names of types, and its cache either */
function isOfType (type: unknown, record: RecordType): boolean {
  return type === record || type === RecordType[record]
}

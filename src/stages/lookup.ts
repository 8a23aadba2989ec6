import { dns as defaultDns, RecordType } from '@multiformats/dns'
import { CODE_HTTPS, CODE_IP4, CODE_IP6, CODE_TLS, CODE_WSS, multiaddr } from '@multiformats/multiaddr'
import { destinationsOf } from '../address/destinations.ts'
import { hostNameOf } from '../address/host-name.ts'
import { ipOf } from '../address/ip.ts'
import { candidate as toCandidate } from '../pipeline/candidate.ts'
import { checkArguments } from '../pipeline/check-options.ts'
import { toError } from '../pipeline/errors.ts'
import { settledOrAborted } from '../pipeline/foreign-promises.ts'
import { makeExpand } from '../pipeline/authoring/expand.ts'
import { NameAnswers } from '../pipeline/name-answers.ts'
import { nodeState } from '../pipeline/runtime/make-stage.ts'
import { MAX_RESULTS, NameQueries, TOO_MANY_RESULTS } from './name-queries.ts'
import type { Candidate, Dial, Stage } from '../pipeline/types.ts'
import type { DNS, QueryOptions } from '@multiformats/dns'
import type { Component, Multiaddr } from '@multiformats/multiaddr'

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

  return makeExpand('lookup', (dial, work) => {
    const { dns = defaultDns() } = dial.node
    const names = new NameQueries(work)

    return candidate => {
      const [host, ...rest] = candidate.multiaddr.getComponents()
      const records = RECORDS[host?.name ?? '']

      // a name that contains its IP address needs no query
      if (host?.value == null || records == null || rest.some(({ code }) => TLS.has(code)) || candidate.facts.scope !== 'name') {
        return [candidate]
      }

      if (names.refuse(candidate)) {
        return []
      }

      const name = hostNameOf(host.value)

      return lookUp(candidate, names, records.map(type => async () => query(dns, name, type, rest, dial)))
    }
  })
}

/** Returns the addresses of a name. Drops the name if it has none. @param queries one for each IP version */
async function lookUp (candidate: Candidate, names: NameQueries, queries: ReadonlyArray<() => Promise<Multiaddr[]>>): Promise<Candidate[]> {
  const { dial } = names
  let reason: string | undefined

  // a query that fails does not fail the other: the host may have addresses of one IP version only
  const answers = await Promise.all(queries.map(async query => {
    const excess = names.begin(candidate.multiaddr)
    reason ??= excess

    return excess == null ? query().catch((err: unknown) => {
      reason ??= `could not be looked up: ${toError(err).message}`

      return []
    }) : []
  }))
  dial.signal.throwIfAborted()

  const all = answers.flat()
  const found = all.slice(0, names.resultsLeft).map(one => toCandidate(one, dial.target.peerId, { provenance: [...candidate.provenance, { source: 'dns' }] }))
  names.resultsLeft -= found.length
  record(candidate, found, dial)

  if (found.length === 0) {
    names.drop(candidate, all.length > 0 ? TOO_MANY_RESULTS : reason ?? 'could not be looked up: it has no addresses')
  }

  return found
}

/** Records the IP addresses of the name, for filters that judge the same name over TLS, which is not replaced */
function record (candidate: Candidate, found: readonly Candidate[], { node }: Dial): void {
  const ips = found.flatMap(({ multiaddr }) => ipOf(multiaddr) ?? [])

  for (const { name } of destinationsOf(candidate.multiaddr)) {
    if (name != null) {
      nodeState(node, NameAnswers).record(name, ips)
    }
  }
}

async function query (dns: DNS, name: string, record: RecordType, rest: readonly Component[], dial: Dial): Promise<Multiaddr[]> {
  const { Answer } = await settledOrAborted(dns.query(name, { types: [record], signal: dial.signal, onProgress: dial.options.onProgress as QueryOptions['onProgress'] }), dial.signal)
  const ip = record === RecordType.A ? { code: CODE_IP4, name: 'ip4' } : { code: CODE_IP6, name: 'ip6' }

  return Answer.filter(({ type }) => isOfType(type, record)).slice(0, MAX_RESULTS).map(({ data }) => multiaddr([{ ...ip, value: data }, ...rest]))
}

/** Compares by number and by name: the resolvers of @multiformats/dns return the type as a name, and its cache as either */
function isOfType (type: unknown, record: RecordType): boolean {
  return type === record || type === RecordType[record]
}

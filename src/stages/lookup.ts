import { dns as defaultDns, RecordType } from '@multiformats/dns'
import { CODE_HTTPS, CODE_IP4, CODE_IP6, CODE_TLS, CODE_WSS, multiaddr } from '@multiformats/multiaddr'
import { destinationsOf } from '../address/destinations.ts'
import { hostNameOf, whyNoHost } from '../address/host-name.ts'
import { ipOf } from '../address/ip.ts'
import { candidate as toCandidate } from '../pipeline/candidate.ts'
import { checkArguments } from '../pipeline/check-options.ts'
import { toError } from '../pipeline/errors.ts'
import { settledOrAborted } from '../pipeline/foreign-promises.ts'
import { expanding } from '../pipeline/authoring/expand.ts'
import { NameAnswers } from '../pipeline/name-answers.ts'
import { nodeState } from '../pipeline/runtime/make-stage.ts'
import type { Candidate, Dial, Stage, Work } from '../pipeline/types.ts'
import type { DNS, QueryOptions } from '@multiformats/dns'
import type { Component } from '@multiformats/multiaddr'

/** As many as `resolve` asks and takes; one of either IP version counts */
const MAX_QUERIES = 32
const MAX_RESULTS = 100

/** Which records say where a host is, by the protocol of its address */
const RECORDS: Readonly<Record<string, readonly RecordType[]>> = {
  dns: [RecordType.A, RecordType.AAAA],
  dns4: [RecordType.A],
  dns6: [RecordType.AAAA]
}

/** What needs the name for its certificate */
const TLS = new Set([CODE_TLS, CODE_WSS, CODE_HTTPS])

/** What two dials do not share */
interface Budget {
  queries: number
  results: number
}

/**
 * Looks up the hosts of `/dns4`, `/dns6` and `/dns` addresses with the node's `dns`, and goes on with the IP addresses: what
 * stands below judges where a name leads, and what was judged is what is dialled. One over TLS stays a name: its transport
 * needs that for the certificate, and looks it up again. At most 32 queries and 100 results a dial; each
 * try of a `retry` and each alternative of a `fallback` begins anew.
 */
export function lookup (): Stage<'candidates', 'candidates', 'lookup'> {
  checkArguments('lookup()', arguments)

  const budgets = new WeakMap<Dial, Budget>()
  let own: DNS | undefined

  return expanding('lookup', (candidate, dial, work) => {
    const components = dial.node
    const [host, ...rest] = candidate.multiaddr.getComponents()
    const records = RECORDS[host?.name ?? '']

    // what a name says by itself needs no answer
    if (host?.value == null || records == null || rest.some(({ code }) => TLS.has(code)) || candidate.facts.scope !== 'name') {
      return [candidate]
    }

    // DNS would read the one as another name, and the answers do not say that the other is banned
    const reason = whyNoHost(candidate.multiaddr.getComponents()) ?? components.bans?.reasonFor(candidate)

    if (reason != null) {
      work.drop(candidate, reason)
      return []
    }

    const budget = budgets.get(dial) ?? { queries: MAX_QUERIES, results: MAX_RESULTS }
    budgets.set(dial, budget)

    return lookUp({ candidate, work, name: hostNameOf(host.value), records, rest, dial, budget, dns: components.dns ?? (own ??= defaultDns()), answers: nodeState(components, NameAnswers) })
  })
}

interface Lookup {
  candidate: Candidate
  work: Work
  name: string
  records: readonly RecordType[]
  /** What follows the name */
  rest: readonly Component[]
  dial: Dial
  budget: Budget
  dns: DNS
  answers: NameAnswers
}

async function lookUp (lookup: Lookup): Promise<Candidate[]> {
  const { candidate, work, records, dial, budget } = lookup
  // a host that has no address of one version is no failure of the other
  const answers = await Promise.allSettled(records.map(async record => query(lookup, record)))
  dial.signal.throwIfAborted()

  const found = answers.flatMap(answer => answer.status === 'fulfilled' ? answer.value : []).slice(0, budget.results)
  budget.results -= found.length
  record(lookup, found)

  if (found.length === 0) {
    const failure = answers.find(answer => answer.status === 'rejected')
    work.drop(candidate, `could not be looked up: ${failure == null ? `it has no addresses, or more than the ${MAX_RESULTS} of a dial` : toError(failure.reason).message}`)
  }

  return found
}

/** The same name over TLS stays a name, and leads there too */
function record ({ candidate, answers }: Lookup, found: readonly Candidate[]): void {
  const ips = found.flatMap(({ multiaddr }) => ipOf(multiaddr) ?? [])

  for (const { name } of destinationsOf(candidate.multiaddr)) {
    if (name != null) {
      answers.record(name, ips)
    }
  }
}

async function query ({ candidate, name, rest, dial, budget, dns }: Lookup, record: RecordType): Promise<Candidate[]> {
  if (budget.queries-- <= 0) {
    throw new Error(`more than the ${MAX_QUERIES} queries of a dial`)
  }

  const { Answer } = await settledOrAborted(dns.query(name, { types: [record], signal: dial.signal, onProgress: dial.options.onProgress as QueryOptions['onProgress'] }), dial.signal)

  return Answer.filter(({ type }) => type === record).map(({ data }) => {
    const ip = record === RecordType.A ? { code: CODE_IP4, name: 'ip4', value: data } : { code: CODE_IP6, name: 'ip6', value: data }

    return toCandidate(multiaddr([ip, ...rest]), dial.target.peerId, {
      provenance: [...candidate.provenance, { source: 'dns' }]
    })
  })
}

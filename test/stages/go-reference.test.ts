import { fc, testProp } from '@fast-check/ava'
import { multiaddr } from '@multiformats/multiaddr'
import { delaysOf } from '../../src/stages/go-delays.ts'
import { goRank } from '../../src/stages/go-order.ts'
import { dose } from '../support/dose.ts'
import { cands, RELAY } from './on-list.ts'
import type { Candidate } from '../../src/pipeline/types.ts'

/** go-libp2p's ranker, word for word as the rules put it: slow, and without a thought of ours */
function reference (addresses: readonly string[]): Array<[number, string]> {
  const group = (name: string): string[] => addresses.filter(address => groupOf(address) === name)
  const result: Array<[number, string]> = []
  const offset = group('public').length > 0 ? 500 : 0

  rankGroup(group('private'), 30, 30, 100, 0, result)
  rankGroup(group('public'), 250, 250, 1_000, 0, result)
  rankGroup(group('relay'), 250, 250, 1_000, offset, result)
  const last = result.at(-1)?.[0] ?? 0

  return [...result, ...group('rest').map<[number, string]>(address => [last + 1_000, address])]
}

function rankGroup (group: readonly string[], q: number, t: number, other: number, offset: number, result: Array<[number, string]>): void {
  const a = group.map((address, i) => ({ address, i })).toSorted((x, y) => score(x.address) - score(y.address) || x.i - y.i).map(({ address }) => address)
  let heQ = false
  let heT = false
  let i = 0

  if (a[0] != null && isQuic(a[0]) && has(a[0], 'ip6')) {
    const j = a.findIndex((one, k) => k >= 1 && isQuic(one) && has(one, 'ip4'))

    if (j !== -1) {
      a.splice(1, 0, ...a.splice(j, 1))
      heQ = true
      i = j + 1
    }
  }

  const tcpStart = a.findIndex((one, k) => k >= i && has(one, 'tcp'))

  if (tcpStart !== -1 && has(a[tcpStart] as string, 'ip6')) {
    const j = a.findIndex((one, k) => k > tcpStart && has(one, 'tcp') && has(one, 'ip4'))

    if (j !== -1) {
      a.splice(tcpStart + 1, 0, ...a.splice(j, 1))
      heT = true
    }
  }

  let tcpFirst = 0
  let last = 0

  for (const [k, one] of a.entries()) {
    let d: number

    if (isQuic(one)) {
      d = k === 0 ? 0 : k === 1 ? q : heQ ? 2 * q : q
      last = d
      tcpFirst = d + t
    } else if (has(one, 'tcp')) {
      // before it there is only what has no transport that anybody knows
      d = tcpFirst + (tcpStart === -1 || k <= tcpStart ? 0 : k === tcpStart + 1 ? t : heT ? 2 * t : t)
      last = d
    } else {
      d = last + other
    }

    result.push([offset + d, one])
  }
}

function has (address: string, protocol: string): boolean {
  return multiaddr(address).getComponents().some(({ name }) => name === protocol)
}

function isQuic (address: string): boolean {
  return has(address, 'quic') || has(address, 'quic-v1')
}

/** Of the hosts below only */
function groupOf (address: string): string {
  if (has(address, 'p2p-circuit')) {
    return 'relay'
  }

  return PRIVATE.some(host => address.startsWith(host)) ? 'private' : PUBLIC.some(host => address.startsWith(host)) ? 'public' : 'rest'
}

function score (address: string): number {
  const family = has(address, 'ip4') ? 2 ** 18 : 0
  const port = (protocol: string): number => Number(multiaddr(address).getComponents().find(({ name }) => name === protocol)?.value ?? 0)

  if (has(address, 'webtransport')) { return 2 ** 19 + port('udp') + family }
  if (has(address, 'quic')) { return 2 ** 17 + port('udp') + family }
  if (has(address, 'quic-v1')) { return port('udp') + family }
  if (has(address, 'tcp')) { return 2 ** 20 + port('tcp') + family }

  return has(address, 'webrtc-direct') ? 2 ** 21 : 2 ** 30
}

function ranked (candidates: readonly Candidate[]): Array<[number, Candidate]> {
  const ranking = goRank(candidates)
  const delays = delaysOf(ranking)

  return [...ranking.private.sorted, ...ranking.public.sorted, ...ranking.relay.sorted, ...ranking.rest].map(({ candidate }) => [delays.get(candidate.id) ?? NaN, candidate])
}

const PRIVATE = ['/ip4/10.0.0.1', '/ip6/fd00::1', '/dns4/localhost', '/ip6zone/eth0/ip6/fe80::1']
const PUBLIC = ['/ip4/1.2.3.4', '/ip6/2a00::1']
const TRANSPORTS = [
  ...[1, 2, 65_535].flatMap(port => [`/udp/${port}/quic-v1`, `/udp/${port}/quic`, `/udp/${port}/quic-v1/webtransport`, `/tcp/${port}`, `/tcp/${port}/ws`, `/udp/${port}/webrtc-direct`]),
  // nobody has these, but they take the short cuts
  '/udp/1', '/tcp/1/webtransport', '/udp/2/webtransport', '/udp/1/quic/webtransport', ''
]

const address = fc.tuple(
  fc.constantFrom(...PRIVATE, ...PUBLIC, ...PUBLIC, '/dns6/example.com'),
  fc.constantFrom(...TRANSPORTS),
  fc.constantFrom('', '', '', `/p2p/${RELAY}/p2p-circuit`)
).map(parts => parts.join(''))

const addresses = fc.oneof(
  fc.uniqueArray(address, { maxLength: 16 }),
  // one group, so that the short cuts within it are taken more often
  fc.uniqueArray(fc.tuple(fc.constantFrom(...PUBLIC), fc.constantFrom(...TRANSPORTS)).map(parts => parts.join('')), { maxLength: 12 })
)

testProp('order and delays equal a reference of go\'s rules for any addresses', [addresses], (t, addresses) => {
  t.deepEqual(ranked(cands(addresses)).map(([delay, { id }]) => [delay, id]), reference(addresses))
}, { numRuns: dose(2_000) })

testProp('ranking a ranked list changes nothing', [addresses], (t, addresses) => {
  const once = ranked(cands(addresses))

  t.deepEqual(ranked(once.map(([, candidate]) => candidate)), once)
})

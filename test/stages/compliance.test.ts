import { multiaddr } from '@multiformats/multiaddr'
import { candidate } from '../../src/pipeline/candidate.ts'
import { sleep } from '../../src/pipeline/clock.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { attemptRetry } from '../../src/stages/attempt-retry.ts'
import { attemptTimeout } from '../../src/stages/attempt-timeout.ts'
import { backoff } from '../../src/stages/backoff.ts'
import { bans } from '../../src/stages/bans.ts'
import { blackHole } from '../../src/stages/black-hole.ts'
import { byCertified } from '../../src/stages/by-certified.ts'
import { byHistory } from '../../src/stages/by-history.ts'
import { byQuic } from '../../src/stages/by-quic.ts'
import { byProvenance } from '../../src/stages/by-provenance.ts'
import { byReputation } from '../../src/stages/by-reputation.ts'
import { certified } from '../../src/stages/certified.ts'
import { converge } from '../../src/stages/converge.ts'
import { dialable } from '../../src/stages/dialable.ts'
import { unshadowed } from '../../src/stages/unshadowed.ts'
import { fromAddressBook } from '../../src/stages/from-address-book.ts'
import { fromBootstrap } from '../../src/stages/from-bootstrap.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { fromKnown } from '../../src/stages/from-known.ts'
import { fromPeerStore } from '../../src/stages/from-peer-store.ts'
import { fromRouting } from '../../src/stages/from-routing.ts'
import { gater } from '../../src/stages/gater.ts'
import { giveUp } from '../../src/stages/give-up.ts'
import { goDelays } from '../../src/stages/go-delays.ts'
import { goOrder } from '../../src/stages/go-order.ts'
import { libp2pOrder } from '../../src/stages/libp2p-order.ts'
import { lookup } from '../../src/stages/lookup.ts'
import { oddsPace } from '../../src/stages/odds-pace.ts'
import { provenance } from '../../src/stages/provenance.ts'
import { publicAddresses } from '../../src/stages/public-addresses.ts'
import { quota } from '../../src/stages/quota.ts'
import { race } from '../../src/stages/race.ts'
import { relaysLater } from '../../src/stages/relays-later.ts'
import { byDirect } from '../../src/stages/by-direct.ts'
import { resolve } from '../../src/stages/resolve.ts'
import { scope } from '../../src/stages/scope.ts'
import { sequential } from '../../src/stages/sequential.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { take } from '../../src/stages/take.ts'
import { transports } from '../../src/stages/transports.ts'
import { verify } from '../../src/stages/verify.ts'
import { adaptive, aggressive, certifiedFirst, certifiedOnly, directFirst, frugal, goLike, publicOnly, quicFirst, staggered, stock } from '../../presets/index.ts'
import { settled } from '../../src/testing/virtual-clock.ts'
import { complies } from '../testing/complies.ts'
import { FakeHistory } from './fake-history.ts'
import type { Clock } from '../../src/pipeline/clock.ts'
import type { Candidate } from '../../src/pipeline/types.ts'
import type { ComplianceFixture } from '../../src/testing/compliance/types.ts'
import type { AbortOptions, MultiaddrResolver, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const found = multiaddr('/ip4/203.0.113.77/tcp/1')

/** A peer store and routers with the given addresses and another one, which answer after a while */
const known: ComplianceFixture = {
  components: ({ candidates, clock, peerId }) => {
    const addresses = [...candidates, candidate(found, peerId)].map(({ multiaddr }, i) => ({ multiaddr, isCertified: i % 2 === 0 }))

    return {
      peerStore: {
        get: async (id: PeerId, { signal }: Required<AbortOptions>) => {
          await sleep(30, clock, signal)
          return { id, addresses }
        }
      } as any,
      peerRouting: {
        findPeer: async (id: PeerId, { signal }: Required<AbortOptions>) => {
          await sleep(70, clock, signal)
          return { id, multiaddrs: addresses.map(({ multiaddr }) => multiaddr) }
        }
      } as any
    }
  }
}

/** Names that resolve after a while: to two addresses, to a name with one, to nothing, and one that fails */
const names: ComplianceFixture = {
  candidates: peerId => [
    candidate(multiaddr('/dnsaddr/two.example'), peerId),
    candidate(multiaddr('/ip4/203.0.113.1/tcp/1'), peerId),
    candidate(multiaddr('/dnsaddr/name.example'), peerId),
    candidate(multiaddr('/dnsaddr/nothing.example'), peerId),
    candidate(multiaddr('/dnsaddr/broken.example'), peerId)
  ],
  components: ({ clock }) => ({ settings: { resolvers: { dnsaddr: resolver(clock) }, addressDialTimeout: 6_000, maxPeerAddrsToDial: 25 } })
}

/** Hosts that are looked up after a while: with two addresses, with none, and one that fails */
const hosts: ComplianceFixture = {
  candidates: peerId => ['/dns4/two.example.com/tcp/1', '/ip4/203.0.113.1/tcp/1', '/dns4/nothing.example.com/tcp/1', '/dns4/broken.example.com/tcp/1'].map(one => candidate(multiaddr(one), peerId)),
  components: ({ clock }) => ({
    dns: {
      query: async (name: string, { types: [type], signal }: { types: readonly number[] } & Required<AbortOptions>) => {
        await sleep(40, clock, signal)

        if (name === 'broken.example.com') {
          throw new Error('ENOTFOUND')
        }

        return { Answer: name === 'two.example.com' ? ['203.0.113.2', '203.0.113.3'].map(data => ({ name, type, TTL: 1, data })) : [] }
      }
    } as any
  })
}

const ANSWERS: Record<string, string[]> = {
  'two.example': ['/ip4/203.0.113.2/tcp/2', '/ip4/203.0.113.3/tcp/3'],
  'name.example': ['/dnsaddr/inner.example'],
  'inner.example': ['/ip4/203.0.113.4/tcp/4'],
  'nothing.example': []
}

function resolver (clock: Clock): MultiaddrResolver {
  return {
    canResolve: one => one.toString().startsWith('/dnsaddr/'),
    resolve: async (one, { signal }) => {
      const [name] = one.getComponents()
      await sleep(40, clock, signal as AbortSignal)
      const answers = ANSWERS[name?.value ?? '']

      if (answers == null) {
        throw new Error('ENOTFOUND')
      }

      return answers.map(answer => multiaddr(answer))
    }
  }
}

/** A node without WebSockets that listens at the address of a candidate */
const choosy: ComplianceFixture = {
  components: () => ({
    transportManager: {
      getAddrs: () => [multiaddr('/ip4/10.0.0.2/tcp/4001')],
      dialTransportForMultiaddr: (one: Multiaddr) => one.toString().includes('/ws') ? undefined : {}
    } as any
  })
}

/** A gater that answers some immediately and others later, and denies some of each */
const slowGater: ComplianceFixture = {
  components: () => ({
    connectionGater: {
      denyDialMultiaddr: one => {
        const text = one.toString()
        const denied = text.includes('10.0.0.2') || text.includes('203.0.113.6')

        return text.includes('ip4/203.') ? settled().then(() => denied) : denied
      }
    }
  })
}

/** QUIC and WebTransport, TCP and WebSockets at the same host and port */
const shadowed: ComplianceFixture = {
  candidates: peerId => ['/udp/1/quic-v1', '/udp/1/quic-v1/webtransport', '/tcp/1', '/tcp/1/ws', '/tcp/2/ws'].map(rest => candidate(multiaddr(`/ip4/203.0.113.1${rest}`), peerId))
}

/** Failures of some candidates that end during the run, and a wrong peer at another */
const failed: ComplianceFixture = {
  restoresDropped: true,
  components: ({ candidates, clock }) => {
    const history = new FakeHistory()
    candidates.slice(1, 4).forEach((one, i) => { history.fail(one, clock.now(), i + 1) })
    history.failed.set(candidates[4]?.id ?? '', { count: 1, at: 0, isWrongPeer: true })

    return { history }
  }
}

/** A node whose path over IPv6 fails */
const holed: ComplianceFixture = {
  components: () => ({ history: Object.assign(new FakeHistory(), { paths: { ip6: { successes: 0, failures: 30, failuresInARow: 30 } } }) })
}

/** A book with the given addresses and another one */
const booked: ComplianceFixture = {
  components: ({ candidates, peerId }) => ({
    addressBook: { query: () => [...candidates, candidate(found, peerId)].map(({ multiaddr }) => ({ multiaddr, isCertified: true, provenance: [{ source: 'certified', seq: 1n }] })) }
  })
}

/** Candidates from several sources */
const told: ComplianceFixture = {
  candidates: peerId => ['user', 'dht', 'certified', 'dht', 'pubsub'].map((source, i) => candidate(multiaddr(`/ip4/${i % 2 === 0 ? '203.0.113.1' : '10.0.0.1'}/tcp/${i + 1}`), peerId, { provenance: [{ source, reporter: 'somebody' }] }))
}

/** Returns candidates that every preset dials */
const outside = (peerId: PeerId): Candidate[] => [1, 2, 3, 4, 5].map(n => candidate(multiaddr(`/ip4/1.2.3.${n}/tcp/4001`), peerId, { isCertified: true }))

/** A peer store with the candidates, certified */
const stored: ComplianceFixture = {
  components: ({ candidates }) => ({ stored: candidates.map(({ multiaddr }) => ({ multiaddr, isCertified: true })) })
}

complies('from-address-book', () => fromAddressBook(), booked)
complies('from-bootstrap of another peer', () => fromBootstrap(['/dnsaddr/bootstrap.example/p2p/12D3KooWGzxzKZYveHXtpG6AsrUJBcWxHBFS2HsEoGTxrMLvKXtf']))
complies('from-caller', () => fromCaller())
complies('from-peer-store', () => fromPeerStore())
complies('from-known', () => fromKnown(), booked)

for (const when of ['always', 'empty', 'exhausted'] as const) {
  complies(`from-peer-store when ${when}, slow`, () => fromPeerStore({ when }), known)
  complies(`from-routing when ${when}`, () => fromRouting({ when }))
  complies(`from-routing when ${when}, slow`, () => fromRouting({ when }), known)
}

complies('resolve', () => resolve())
complies('resolve of slow names', () => resolve(), names)
complies('dialable', () => dialable(), choosy)
complies('gater', () => gater())
complies('gater that takes its time', () => gater(), slowGater)
complies('certified', () => certified())
complies('libp2p-order', () => libp2pOrder())
complies('libp2p-order by an address sorter', () => libp2pOrder(), {
  components: () => ({ settings: { resolvers: {}, addressDialTimeout: 6_000, maxPeerAddrsToDial: 25, addressSorter: (a, b) => Math.sign(b.multiaddr.toString().length - a.multiaddr.toString().length) as -1 | 0 | 1 } })
})
complies('stagger', () => stagger())
complies('sequential', () => sequential())
complies('take', () => take())
complies('take of two', () => take(2))

complies('libp2p-order by a function', () => libp2pOrder({ addressSorter: (a, b) => Math.sign(a.multiaddr.toString().length - b.multiaddr.toString().length) as -1 | 0 | 1 }))
complies('backoff', () => backoff(), failed)
complies('backoff of nothing', () => backoff())
complies('bans', () => bans(), { components: () => ({ bans: { reasonFor: subject => 'multiaddr' in subject && `${subject.multiaddr}`.includes('/10.') ? 'banned' : undefined } }) })
complies('black-hole', () => blackHole(), holed)
complies('by-certified', () => byCertified())
complies('by-history', () => byHistory({ explore: 0 }))
complies('by-history that explores', () => byHistory({ explore: 1 }))
complies('by-reputation', () => byReputation(({ id }) => id.length))
complies('by-reputation that takes its time', () => byReputation(async ({ id }, { clock, signal }) => {
  await sleep(id.length, clock, signal)

  return id.length
}, { minScore: 90 }))
complies('relays-later', () => relaysLater())
complies('relays-later for a while', () => relaysLater(100))
complies('unshadowed', () => unshadowed(), shadowed)
complies('give-up', () => giveUp({ attempts: 1 }))
complies('go-delays', () => goDelays())
complies('go-order', () => goOrder())
complies('lookup', () => lookup(), hosts)
complies('odds-pace', () => oddsPace())
complies('by-provenance', () => byProvenance(), told)
complies('provenance', () => provenance({ include: ['user', 'certified'] }), told)
complies('provenance by the dial', () => provenance(), { ...told, options: { provenance: ['dht'] } })
complies('public-addresses', () => publicAddresses())
complies('quota', () => quota({ source: { dht: 1 }, reporter: 3 }), told)
complies('quota that puts the excess last', () => quota({ source: { dht: 1 }, excess: 'last' }), told)
complies('scope', () => scope(), told)
complies('by-quic', () => byQuic())
complies('by-direct', () => byDirect())
complies('transports', () => transports('tcp', 'circuit'))

complies('race', () => race())
complies('race with retries', () => race({ attempt: [attemptRetry(1), attemptTimeout(6_000)] }))
complies('race without layers', () => race({ attempt: [] }))

complies('converge', () => converge())
complies('converge that does not linger', () => converge({ linger: 0 }))

complies('verify', () => verify(() => true))
complies('verify that takes its time', () => pipeline(race(), verify(async (_connection, { signal }, { clock }) => {
  await sleep(20, clock, signal)

  return true
})))
complies('verify that refuses', () => pipeline(verify(({ remoteAddr }) => !remoteAddr.toString().includes('203.0.113.2'))))

complies('the sources one after the other', () => pipeline(fromCaller(), fromPeerStore({ when: 'empty' }), fromRouting({ when: 'exhausted' })), known)
complies('everything above a race', () => pipeline(fromCaller(), fromPeerStore(), resolve(), dialable(), gater(), libp2pOrder(), take(), stagger()), known)
complies('a race and converge', () => pipeline(race(), converge()))

for (const [name, preset] of Object.entries({ adaptive, aggressive, certifiedFirst, certifiedOnly, directFirst, frugal, goLike, publicOnly, quicFirst, staggered, stock })) {
  complies(`the preset ${name}`, () => preset(), { from: ['target'], ...stored, candidates: outside })
}

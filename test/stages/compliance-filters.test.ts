import { multiaddr } from '@multiformats/multiaddr'
import { candidate } from '../../src/pipeline/candidate.ts'
import { backoff, bans, blackHole, certified, dialable, gater, giveUp, provenance, publicAddresses, quota, scope, take, transports, unshadowed } from '../../src/stages/index.ts'
import { settled } from '../../src/testing/virtual-clock.ts'
import { complies } from '../testing/complies.ts'
import { FakeHistory } from './fake-history.ts'
import { reportedAddresses } from './compliance-fixtures.ts'
import type { ComplianceFixture } from '../../src/testing/compliance/types.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** A node without WebSockets that listens at the address of a candidate */
const choosy: ComplianceFixture = {
  components: () => ({
    // `any`: a fake with only the members that the test needs
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

complies('dialable', () => dialable(), choosy)
complies('gater', () => gater())
complies('gater that takes its time', () => gater(), slowGater)
complies('certified', () => certified())
complies('take', () => take())
complies('take of two', () => take(2))
complies('backoff', () => backoff(), failed)
complies('backoff of nothing', () => backoff())
complies('bans', () => bans(), { components: () => ({ bans: { reasonFor: subject => 'multiaddr' in subject && `${subject.multiaddr}`.includes('/10.') ? 'banned' : undefined } }) })
complies('black-hole', () => blackHole(), holed)
complies('unshadowed', () => unshadowed(), shadowed)
complies('give-up', () => giveUp({ attempts: 1 }))
complies('provenance', () => provenance({ include: ['user', 'certified'] }), reportedAddresses)
complies('provenance by the dial', () => provenance(), { ...reportedAddresses, options: { provenance: ['dht'] } })
complies('public-addresses', () => publicAddresses())
complies('quota', () => quota({ source: { dht: 1 }, reporter: 3 }), reportedAddresses)
complies('quota that puts the excess last', () => quota({ source: { dht: 1 }, excess: 'last' }), reportedAddresses)
complies('scope', () => scope(), reportedAddresses)
complies('transports', () => transports('tcp', 'circuit'))

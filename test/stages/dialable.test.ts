import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { dialable } from '../../src/stages/dialable.ts'
import { PEER, SELF } from '../../src/testing/compliance/samples.ts'
import { cand, reason, short, tryOut } from '../testing/try-out.ts'
import type { ComplianceFixture } from '../../src/testing/compliance/types.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

const RELAY = '12D3KooW9xBQPBhK5VHb8qniBUZVxmS365bjfpQngjpBduihLiPM'

/** A node with TCP and relays that listens at two addresses, one of them behind a relay */
const node: Pick<ComplianceFixture, 'components'> = {
  components: () => ({
    transportManager: {
      getAddrs: () => [multiaddr(`/ip4/192.168.1.2/tcp/4001/p2p/${SELF.toString()}`), multiaddr('/ip6/::1/tcp/4001'), multiaddr(`/ip4/203.0.113.1/tcp/1/p2p/${RELAY}/p2p-circuit`)],
      dialTransportForMultiaddr: (one: Multiaddr) => one.toString().includes('/udp/') ? undefined : {}
    } as any
  })
}

const NOT_DIALABLE: Record<string, string> = {
  '/ip4/203.0.113.1/udp/1/quic-v1': 'no transport',
  [`/ip4/203.0.113.1/tcp/1/p2p/${RELAY}`]: `an address of another peer, ${RELAY}`,
  [`/ip4/203.0.113.1/tcp/1/p2p/${SELF.toString()}`]: 'an address of this node',
  [`/ip4/203.0.113.1/tcp/1/p2p/${RELAY}/p2p-circuit/p2p/${SELF.toString()}`]: 'an address of this node',
  '/ip4/0.0.0.0/tcp/1': 'an unspecified address',
  '/ip6/::/tcp/1': 'an unspecified address',
  '/ip6/::ffff:0:0/tcp/1': 'an unspecified address',
  '/dns4/0.0.0.0/tcp/1': 'an unspecified address',
  '/ip4/192.168.1.2/tcp/4001': 'this node listens there itself',
  [`/ip4/192.168.1.2/tcp/4001/p2p/${PEER.toString()}`]: 'this node listens there itself',
  '/ip6/::1/tcp/4001': 'this node listens there itself',
  '/dns4/8.8.8.8\\evil.com/tcp/1': 'no host name has "\\\\" in it',
  '/dns/8.8.8.8?evil.com/tcp/1/ws': 'no host name has "?" in it',
  '/dns6/a@b.com/tcp/1/ws': 'no host name has "@" in it',
  '/dnsaddr/a#b.com': 'no host name has "#" in it',
  '/ip4/8.8.8.8/tcp/443/tls/sni/1.2.3.4\n.evil.com/ws': 'no host name has "\\n" in it',
  [`/dns4/8.8.8.8\\evil.com/tcp/1/p2p/${RELAY}/p2p-circuit`]: 'no host name has "\\\\" in it'
}

const DIALABLE = [
  '/ip4/203.0.113.1/tcp/1',
  `/ip4/203.0.113.1/tcp/1/p2p/${PEER.toString()}`,
  '/ip4/192.168.1.2/tcp/4002',
  '/ip4/127.0.0.1/tcp/4001',
  '/dns4/example.com/tcp/1',
  '/dns4/a_b.bücher.example.com./tcp/1',
  '/dns6/fe80::1%eth0/tcp/1',
  '/dns/ex%61mple.com:80/ws',
  // the address of the relay, which this node listens through, and not its own
  `/ip4/203.0.113.1/tcp/1/p2p/${RELAY}/p2p-circuit`,
  `/ip4/203.0.113.1/tcp/1/p2p/${RELAY}/p2p-circuit/p2p/${PEER.toString()}`
]

for (const [address, why] of Object.entries(NOT_DIALABLE)) {
  test(`dialable() drops ${address}: ${why}`, async t => {
    const trial = tryOut(t, dialable(), node)
    const one = cand(address)
    trial.give({ candidates: [one] })
    await trial.settle()
    t.is(short(trial.ids), '')
    t.is(reason(trial, one), why)
  })
}

for (const address of DIALABLE) {
  test(`dialable() keeps ${address}`, async t => {
    const trial = tryOut(t, dialable(), node)
    trial.give({ candidates: [cand(address)] })
    await trial.settle()
    t.is(trial.ids.length, 1)
  })
}

for (const address of ['/ip4/0.0.0.0/tcp/1', '/ip6/::/tcp/1']) {
  test(`dialable() keeps ${address} when it is user-given`, async t => {
    const trial = tryOut(t, dialable(), node)
    trial.give({ candidates: [cand(address, { provenance: [{ source: 'dht' }, { source: 'user' }] })] })
    await trial.settle()
    t.is(trial.ids.length, 1)
  })
}

test('dialable() without a peer id drops only the node\'s own addresses', async t => {
  const trial = tryOut(t, dialable(), node)
  Object.defineProperty(trial.target, 'current', { value: { multiaddrs: [] } })
  t.is(trial.dial.target.peerId, undefined)
  const own = cand(`/ip4/203.0.113.1/tcp/1/p2p/${SELF.toString()}`)
  trial.give({ candidates: [own, cand('/ip4/203.0.113.1/tcp/1')] })
  await trial.settle()
  t.is(reason(trial, own), 'an address of this node')
  t.is(trial.ids.length, 1)
})

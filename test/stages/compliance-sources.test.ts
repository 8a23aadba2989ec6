import { multiaddr } from '@multiformats/multiaddr'
import { candidate } from '../../src/pipeline/candidate.ts'
import { sleep } from '../../src/pipeline/clock.ts'
import { fromAddressBook, fromBootstrap, fromCaller, fromKnown, fromPeerStore, fromRouting, lookup, resolve } from '../../src/stages/index.ts'
import { complies } from '../testing/complies.ts'
import { found, knownAddresses } from './compliance-fixtures.ts'
import { zone } from './name-zone.ts'
import type { ComplianceFixture } from '../../src/testing/compliance/types.ts'
import type { AbortOptions } from '@libp2p/interface'

/** Names that resolve after a while: to two addresses, to a name with one, to nothing, and one that fails */
const names: ComplianceFixture = {
  candidates: peerId => ['/dnsaddr/two.example', '/ip4/203.0.113.1/tcp/1', '/dnsaddr/name.example', '/dnsaddr/nothing.example', '/dnsaddr/broken.example'].map(one => candidate(multiaddr(one), peerId)),
  components: zone({ 'two.example': [2, 3], 'name.example': ['inner.example'], 'inner.example': [4], 'nothing.example': [] }, () => 40).components
}

/** Hosts that are looked up after a while: with two addresses, with none, and one that fails */
const hosts: ComplianceFixture = {
  candidates: peerId => ['/dns4/two.example.com/tcp/1', '/ip4/203.0.113.1/tcp/1', '/dns4/nothing.example.com/tcp/1', '/dns4/broken.example.com/tcp/1'].map(one => candidate(multiaddr(one), peerId)),
  components: ({ clock }) => ({
    // `any`: a fake with only the members that the test needs
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

/** A book with the given addresses and another one */
const booked: ComplianceFixture = {
  components: ({ candidates, peerId }) => ({
    addressBook: { query: () => [...candidates, candidate(found, peerId)].map(({ multiaddr }) => ({ multiaddr, isCertified: true, provenance: [{ source: 'certified', seq: 1n }] })) }
  })
}

complies('from-address-book', () => fromAddressBook(), booked)
complies('from-bootstrap of another peer', () => fromBootstrap(['/dnsaddr/bootstrap.example/p2p/12D3KooWGzxzKZYveHXtpG6AsrUJBcWxHBFS2HsEoGTxrMLvKXtf']))
complies('from-caller', () => fromCaller())
complies('from-peer-store', () => fromPeerStore())
complies('from-known', () => fromKnown(), booked)

for (const when of ['always', 'empty', 'exhausted'] as const) {
  complies(`from-peer-store when ${when}, slow`, () => fromPeerStore({ when }), knownAddresses)
  complies(`from-routing when ${when}`, () => fromRouting({ when }))
  complies(`from-routing when ${when}, slow`, () => fromRouting({ when }), knownAddresses)
}

complies('resolve', () => resolve())
complies('resolve of slow names', () => resolve(), names)
complies('lookup', () => lookup(), hosts)

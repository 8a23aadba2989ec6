import { multiaddr } from '@multiformats/multiaddr'
import { candidate } from '../../src/pipeline/candidate.ts'
import { sleep } from '../../src/pipeline/clock.ts'
import type { ComplianceFixture } from '../../src/testing/compliance/types.ts'
import type { AbortOptions, PeerId } from '@libp2p/interface'

export const found = multiaddr('/ip4/203.0.113.77/tcp/1')

/** A peer store and routers with the given addresses and another one, which answer after a while */
export const knownAddresses: ComplianceFixture = {
  components: ({ candidates, clock, peerId }) => {
    const addresses = [...candidates, candidate(found, peerId)].map(({ multiaddr }, i) => ({ multiaddr, isCertified: i % 2 === 0 }))

    return {
      // `any`: a fake with only the members that the test needs
      peerStore: {
        get: async (id: PeerId, { signal }: Required<AbortOptions>) => {
          await sleep(30, clock, signal)
          return { id, addresses }
        }
      } as any,
      // `any`: a fake with only the members that the test needs
      peerRouting: {
        findPeer: async (id: PeerId, { signal }: Required<AbortOptions>) => {
          await sleep(70, clock, signal)
          return { id, multiaddrs: addresses.map(({ multiaddr }) => multiaddr) }
        }
      } as any
    }
  }
}

/** Candidates from several sources */
export const reportedAddresses: ComplianceFixture = {
  candidates: peerId => ['user', 'dht', 'certified', 'dht', 'pubsub'].map((source, i) => candidate(multiaddr(`/ip4/${i % 2 === 0 ? '203.0.113.1' : '10.0.0.1'}/tcp/${i + 1}`), peerId, { provenance: [{ source, reporter: 'somebody' }] }))
}

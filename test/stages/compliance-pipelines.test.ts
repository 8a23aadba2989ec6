import { multiaddr } from '@multiformats/multiaddr'
import { candidate } from '../../src/pipeline/candidate.ts'
import { sleep } from '../../src/pipeline/clock.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { attemptRetry, attemptTimeout, converge, dialable, fromCaller, fromPeerStore, fromRouting, gater, libp2pOrder, race, resolve, stagger, take, verify } from '../../src/stages/index.ts'
import { adaptive, aggressive, certifiedFirst, certifiedOnly, directFirst, frugal, goLike, publicOnly, quicFirst, staggered, stock } from '../../presets/index.ts'
import { complies } from '../testing/complies.ts'
import { knownAddresses } from './compliance-fixtures.ts'
import type { Candidate } from '../../src/pipeline/types.ts'
import type { ComplianceFixture } from '../../src/testing/compliance/types.ts'
import type { PeerId } from '@libp2p/interface'

/** Returns candidates that every preset dials */
const outside = (peerId: PeerId): Candidate[] => [1, 2, 3, 4, 5].map(n => candidate(multiaddr(`/ip4/1.2.3.${n}/tcp/4001`), peerId, { isCertified: true }))

/** A peer store with the candidates, certified */
const stored: ComplianceFixture = {
  components: ({ candidates }) => ({ stored: candidates.map(({ multiaddr }) => ({ multiaddr, isCertified: true })) })
}

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

complies('a race and converge', () => pipeline(race(), converge()))
complies('the sources one after the other', () => pipeline(fromCaller(), fromPeerStore({ when: 'empty' }), fromRouting({ when: 'exhausted' })), knownAddresses)
complies('everything above a race', () => pipeline(fromCaller(), fromPeerStore(), resolve(), dialable(), gater(), libp2pOrder(), take(), stagger()), knownAddresses)

for (const [name, preset] of Object.entries({ adaptive, aggressive, certifiedFirst, certifiedOnly, directFirst, frugal, goLike, publicOnly, quicFirst, staggered, stock })) {
  complies(`the preset ${name}`, () => preset(), { from: ['target'], ...stored, candidates: outside })
}

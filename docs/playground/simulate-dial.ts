// Dials a peer of a simulated network. Runs where the code of the pipeline runs
import { multiaddr } from '@multiformats/multiaddr'
import { simulatedNetwork, simulatedNode } from '../../src/testing/index.ts'
import type { NetworkSettings } from './settings.ts'
import type { DialPipeline } from '../../src/index.ts'
import type { SimulatedAddress, SimulatedAddressKind, SimulatedPeer } from '../../src/testing/index.ts'
import type { DialTrace } from '../../src/trace/types.ts'

/** Milliseconds between two dials of one peer */
const PAUSE = 60_000

/** Returns what came of the last dial. @throws what is wrong with the pipeline */
export async function simulateDial (pipeline: DialPipeline, settings: NetworkSettings): Promise<DialTrace> {
  const node = simulatedNode(pipeline, { seed: settings.seed })

  for (let visit = 0; visit < settings.before; visit++) {
    await node.dial(peerOf(settings, visit))
    await node.clock.advance(PAUSE)
  }

  return (await node.dial(peerOf(settings, settings.before))).trace
}

function peerOf (settings: NetworkSettings, visit: number): SimulatedPeer {
  const { roundTrip, loss, seed, silent, refusing, tcp, quic, ws, webrtc, relay, dns } = settings
  const kinds: SimulatedAddressKind[] = [
    ...Array.from({ length: silent }, (_, i): SimulatedAddressKind => ({ transport: i % 2 === 0 ? 'tcp' : 'quic', good: 0 })),
    { transport: 'tcp', good: 0, refuses: 1, count: refusing },
    { transport: 'tcp', count: tcp },
    { transport: 'quic', count: quic },
    { transport: 'ws', count: ws },
    { transport: 'webrtc-direct', count: webrtc },
    { transport: 'relay', count: relay },
    // the address that the name leads to stands last: no network is without a good address
    { transport: 'tcp' }
  ]
  const peer = simulatedNetwork({ addresses: kinds, roundTrip, spread: 0.2, jitter: 0.1, loss: loss / 100, seed }).peer(1, visit)
  const named = peer.addresses.slice(-1)

  return {
    ...peer,
    addresses: [...privateAddresses(settings.private), ...peer.addresses.slice(0, -1)],
    names: dns === 0 ? [] : [{ multiaddr: multiaddr('/dnsaddr/peer.example'), after: dns, addresses: named }]
  }
}

/** Returns addresses of another private network: nobody answers */
function privateAddresses (count: number): SimulatedAddress[] {
  return Array.from({ length: count }, (_, i) => ({ multiaddr: multiaddr(`/ip4/192.168.1.${20 + i}/tcp/4001`), script: 'silent' }))
}

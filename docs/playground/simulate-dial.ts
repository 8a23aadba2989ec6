// Dials a simulated peer, in the frame that runs the code of the pipeline
import { multiaddr } from '@multiformats/multiaddr'
import { simulatedNetwork, simulatedNode } from '../../src/testing/index.ts'
import type { NetworkSettings } from './settings.ts'
import type { DialPipeline } from '../../src/index.ts'
import type { SimulatedAddress, SimulatedAddressKind, SimulatedPeer } from '../../src/testing/index.ts'
import type { DialTrace } from '../../src/trace/types.ts'

/** Milliseconds between two dials of one peer */
const PAUSE = 60_000

/** Returns the trace of the last dial. @throws the error of a wrong pipeline */
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
    // the address of the name comes last. It always exists, so that the network has a good address
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

/** Returns addresses of another private network, which are silent */
function privateAddresses (count: number): SimulatedAddress[] {
  return Array.from({ length: count }, (_, i) => ({ multiaddr: multiaddr(`/ip4/192.168.1.${20 + i}/tcp/4001`), script: 'silent' }))
}

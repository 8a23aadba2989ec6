// Turns a failed dial into rows for your log or your API. Guide: docs/guides/debug-a-failed-dial.md
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { dialer } from 'libp2p-dial-pipeline'
import { adaptive } from 'libp2p-dial-pipeline/presets'
import type { DialTrace } from 'libp2p-dial-pipeline'

interface AddressResult {
  readonly address: string
  readonly sources: readonly string[]
  readonly result: string
}

/** Returns what happened to each address of a dial. An error from elsewhere has no rows */
function resultsOf (error: unknown): AddressResult[] {
  const { trace } = error as { trace?: DialTrace }

  return (trace?.candidates ?? []).map(({ address, provenance, attempts, verdicts }) => {
    const attempt = attempts.at(-1)
    const verdict = verdicts.at(-1)
    const dropped = verdict?.verdict === 'dropped' ? `dropped by ${verdict.stage}: ${verdict.reason}` : 'not attempted'

    return { address, sources: provenance, result: attempt == null ? dropped : attempt.error?.message ?? attempt.outcome }
  })
}

const node = await createLibp2p({
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  connectionGater: { denyDialMultiaddr: address => address.toString().includes('/tcp/2/') },
  services: { dialer: dialer(adaptive()) }
})
const peer = '/p2p/12D3KooWPjceQrSwdWXPyLLeABRXmuqt69Rg3sBYbU1Nft9HyQ6X'
const addresses = ['/ip4/127.0.0.1/tcp/1', '/ip4/127.0.0.1/tcp/2', '/ip4/127.0.0.1/udp/4/quic-v1'].map(one => multiaddr(one + peer))

try {
  await node.dial(addresses)
} catch (error) {
  for (const { address, sources, result } of resultsOf(error)) {
    console.log(`${address.replace(peer, '')} (${sources.join()}) ${result}`)
  }

  console.log(node.services.dialer.explain(error as Error).includes('failed: refused'))
}

await node.stop()

import { once } from 'node:events'
import { certifiedOnly, staggered, stock } from '../presets/index.ts'
import { dialer, renderTrace } from '../src/index.ts'
import { createNode } from '../test/helpers/node.ts'
import { StockTrace } from './stock-trace.ts'
import type { Scenario } from './peers.ts'
import type { Dialer, DialPipeline } from '../src/index.ts'
import type { Libp2p } from '@libp2p/interface'

export interface Result {
  /** From the call to the connection, or to the error */
  ms: number
  error?: Error
  /** What was tried when */
  text: string
}

export interface ExampleDialer {
  name: string
  /** Dials with a new node, so that nothing is left of the dial before */
  dial (scenario: Scenario): Promise<Result>
}

export const dialers: readonly ExampleDialer[] = [
  stockLibp2p('libp2p itself'),
  ours('stock()', stock()),
  ours('staggered()', staggered()),
  ours('certifiedOnly()', certifiedOnly())
]

/** A node with the dialer that it comes with */
function stockLibp2p (name: string): ExampleDialer {
  return {
    name,
    dial: async scenario => {
      const node = await createNode({ listen: [] })

      try {
        await learn(node, scenario)
        const watch = new StockTrace(node, scenario.peerId)
        const result = await timed(async () => node.dial(scenario.target, { onProgress: watch.progress }))
        watch.end(result.error)

        return { ...result, text: titled(name, renderTrace(watch.trace), scenario) }
      } finally {
        await node.stop()
      }
    }
  }
}

/** The same node with a pipeline in the place of its dialer */
function ours (name: string, pipeline: DialPipeline): ExampleDialer {
  return {
    name,
    dial: async scenario => {
      const node = await createNode({ listen: [], services: { dialer: dialer(pipeline) } })
      const { dialer: service } = node.services as { dialer: Dialer }

      try {
        await learn(node, scenario)
        const ended = once(service, 'dial:end')
        const result = await timed(async () => node.dial(scenario.target))
        await ended

        return { ...result, text: titled(name, service.explain(scenario.peerId), scenario) }
      } finally {
        await node.stop()
      }
    }
  }
}

/** Puts into the peer store what the node is to know beforehand */
async function learn ({ peerStore }: Libp2p, { name, peerId, signed, unsigned }: Scenario): Promise<void> {
  if (signed != null && !await peerStore.consumePeerRecord(signed, peerId)) {
    throw new Error(`${name}: the peer store did not take the signed record`)
  }

  if (unsigned != null) {
    await peerStore.merge(peerId, { multiaddrs: unsigned })
  }

  const certified = signed == null ? 0 : (await peerStore.get(peerId)).addresses.filter(({ isCertified }) => isCertified).length

  if (signed != null && certified !== 1) {
    throw new Error(`${name}: ${certified} addresses are certified`)
  }
}

async function timed (dial: () => Promise<unknown>): Promise<Omit<Result, 'text'>> {
  const begun = performance.now()

  try {
    await dial()

    return { ms: performance.now() - begun }
  } catch (error: any) {
    return { ms: performance.now() - begun, error }
  }
}

/** The name of the dialer for that of the peer, and beside each address what it is */
function titled (name: string, text: string, { peerId, words }: Scenario): string {
  const width = Math.max(...words.map(([, word]) => word.length))

  return text.split('\n').map(line => {
    const word = words.find(([address]) => line.startsWith(`  ${address.toString().replace(/\/p2p\/.*$/, '')} `))?.[1]

    return word == null ? line.replace(`dial ${peerId}`, name) : `  ${word.padEnd(width)} ${line}`
  }).join('\n')
}

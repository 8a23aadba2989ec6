import { once } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { certifiedOnly, staggered, stock } from '../presets/index.ts'
import { dialer } from '../src/index.ts'
import { renderTrace } from '../src/trace/index.ts'
import { createNode } from '../test/helpers/node.ts'
import { learn } from './learn.ts'
import { StockTrace } from './stock-trace.ts'
import type { Scenario } from './scenarios.ts'
import type { DialPipeline } from '../src/index.ts'

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
  dial: (scenario: Scenario) => Promise<Result>
}

export const dialers: readonly ExampleDialer[] = [
  libp2pItself(),
  withPipeline('stock()', stock()),
  withPipeline('staggered()', staggered()),
  withPipeline('certifiedOnly()', certifiedOnly())
]

/** A node with the dialer that it comes with */
function libp2pItself (): ExampleDialer {
  const name = 'libp2p itself'

  return {
    name,
    dial: async scenario => {
      await using node = disposable(await createNode({ listen: [] }))
      await learn(node, scenario)

      const trace = new StockTrace(node, scenario.peerId)
      const result = await timed(async () => node.dial(scenario.target, { onProgress: trace.onProgress }))
      trace.end(result.error)

      return { ...result, text: titled(name, renderTrace(trace.read()), scenario) }
    }
  }
}

/** The same node with a pipeline in the place of its dialer */
function withPipeline (name: string, pipeline: DialPipeline): ExampleDialer {
  return {
    name,
    dial: async scenario => {
      await using node = disposable(await createNode({ listen: [], services: { dialer: dialer(pipeline) } }))
      await learn(node, scenario)

      const ended = once(node.services.dialer, 'dial:end')
      const result = await timed(async () => node.dial(scenario.target))
      await ended
      // the attempts that lost take a moment to end
      await nextTurn()

      return { ...result, text: titled(name, node.services.dialer.explain(scenario.peerId), scenario) }
    }
  }
}

function disposable<T extends { stop (): void | Promise<void> }> (node: T): T & AsyncDisposable {
  return Object.assign(node, { [Symbol.asyncDispose]: async () => node.stop() })
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

/** The name of the dialer in the place of the peer, and beside each address what it is */
function titled (name: string, text: string, { peerId, words }: Scenario): string {
  const known = words.map(([address, word]) => [address.toString().replace(`/p2p/${peerId}`, ''), word] as const)

  return text.replace(/^dial \S+/, name).replaceAll(`/p2p/${peerId}`, '').split('\n').map((line, i) => {
    const word = known.find(([address]) => line.trimStart().startsWith(`${address} `))?.[1] ?? ''

    return i === 0 ? line : `  ${word.padEnd(9)}${line}`
  }).join('\n')
}

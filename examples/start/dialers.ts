import { once } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { adaptive, certifiedOnly } from '../../presets/index.ts'
import { dialer, systemClock } from '../../src/index.ts'
import { createNode } from '../../test/helpers/node.ts'
import { watchDialer, watchTransports } from './attempts.ts'
import { draw } from './draw.ts'
import { learn } from './learn.ts'
import type { Scenario } from './scenarios.ts'
import type { DialPipeline } from '../../src/index.ts'

export interface Result {
  /** From the call to the connection, or to the error */
  ms: number
  error?: Error
  /** What was tried when */
  picture: string
}

export interface ExampleDialer {
  name: string
  /** Dials with a new node, so that nothing is left of the dial before */
  dial: (scenario: Scenario) => Promise<Result>
}

const now = (): number => systemClock.now()

/** The dialer that most nodes want */
export const adaptiveDialer = withPipeline('adaptive()', adaptive())

/** A node with the dialer that it comes with */
export const libp2pItself: ExampleDialer = {
  name: 'libp2p itself',
  dial: async scenario => {
    await using node = disposable(await createNode({ listen: [] }))
    await learn(node, scenario)
    const tried = watchTransports(node, now)

    return await timed(async () => node.dial([...scenario.target]), startedAt => draw(tried, scenario.words, startedAt))
  }
}

/** Dials only what the peer has signed */
export const certifiedDialer = withPipeline('certifiedOnly()', certifiedOnly())

/** The same node with a pipeline in the place of its dialer */
function withPipeline (name: string, pipeline: DialPipeline): ExampleDialer {
  return {
    name,
    dial: async scenario => {
      await using node = disposable(await createNode({ listen: [], services: { dialer: dialer(pipeline) } }))
      await learn(node, scenario)
      const tried = watchDialer(node.services.dialer)
      const ended = once(node.services.dialer, 'dial:end')

      return await timed(async () => node.dial([...scenario.target]), async startedAt => {
        await ended
        // the attempts that lost take a moment to end
        await nextTurn()

        return draw(tried, scenario.words, startedAt)
      })
    }
  }
}

function disposable<T extends { stop (): void | Promise<void> }> (node: T): T & AsyncDisposable {
  return Object.assign(node, { [Symbol.asyncDispose]: async () => node.stop() })
}

async function timed (dial: () => Promise<unknown>, drawn: (startedAt: number) => string | Promise<string>): Promise<Result> {
  const startedAt = now()

  const error = await dial().then(() => undefined, (err: Error) => err)
  const ms = now() - startedAt

  return { ms, error, picture: await drawn(startedAt) }
}

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
  /** Milliseconds from the call to the connection or the error */
  ms: number
  error?: Error
  /** The attempts as lines of text, one for each address */
  picture: string
}

export interface ExampleDialer {
  name: string
  /** Dials from a new node, so that no state remains from earlier dials */
  dial: (scenario: Scenario) => Promise<Result>
}

const now = (): number => systemClock.now()

/** The dialer for most nodes */
export const adaptiveDialer = withPipeline('adaptive()', adaptive())

/** A node with libp2p's own dialer */
export const libp2pItself: ExampleDialer = {
  name: 'libp2p itself',
  dial: async scenario => {
    await using node = disposable(await createNode({ listen: [] }))
    await learn(node, scenario)
    const tried = watchTransports(node, now)

    return await timed(async () => node.dial([...scenario.target]), startedAt => draw(tried, scenario.words, startedAt))
  }
}

/** Dials only signed addresses */
export const certifiedDialer = withPipeline('certifiedOnly()', certifiedOnly())

/** The same node with a pipeline as its dialer */
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
        // lost attempts end a moment after the dial
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

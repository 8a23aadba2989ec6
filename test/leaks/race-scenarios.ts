import { setTimeout as sleep } from 'node:timers/promises'
import test from 'ava'
import { converge, pipeline, stage } from '../../src/stages/index.ts'
import { abortListeners } from '../helpers/open-handles.ts'
import { until } from '../helpers/until.ts'
import { dose } from '../support/dose.ts'
import { Barrier } from './barrier.ts'
import { scene } from './scene.ts'
import type { Way } from './places.ts'
import type { DialConvergence } from '../../src/pipeline/convergence.ts'
import type { Candidate } from '../../src/stages/index.ts'
import type { Connection } from '@libp2p/interface'

/** Declares the tests that a race that ends by itself leaves nothing, over a transport */
export function raceScenarios (way: Way): void {
  for (const [what, rounds, count] of [['one address', dose(10, 4), 1], ['two addresses', dose(20, 6), 2]] as const) {
    test.serial(`a dial of ${what} leaves nothing`, async t => {
      const { node, addresses, generators, nothingLeft } = await scene(t, way)
      const { signal } = new AbortController()

      for (let i = 0; i < rounds; i++) {
        const connection = await node.dial(addresses.slice(0, count), { signal })

        t.is(abortListeners(signal), 0)
        await nothingLeft(connection)
      }

      t.true(generators.begun >= 5 * rounds)
    })
  }

  test.serial('a second connection that completes together with the first leaves nothing', async t => {
    for (let i = 0; i < 5; i++) {
      const barrier = new Barrier(2)
      const { node, addresses, nothingLeft } = await scene(t, way, { gater: { denyOutboundUpgradedConnection: async () => barrier.hold() } })

      await nothingLeft(await node.dial([...addresses]))
      t.is(barrier.arrived, 2)
    }
  })

  test.serial('an attempt that is stuck in its handshake leaves nothing when another wins', async t => {
    const { node, addresses: [stuck, good], nothingLeft } = await scene(t, way, {
      gater: { denyOutboundConnection: async (_, { remoteAddr }) => remoteAddr.equals(stuck) ? new Promise<boolean>(() => {}) : false }
    })
    const { signal } = new AbortController()

    for (let i = 0; i < 5; i++) {
      const connection = await node.dial([stuck, good], { signal })

      t.is(`${connection.remoteAddr}`, `${good}`)
      t.is(abortListeners(signal), 0)
      await nothingLeft(connection)
    }
  })

  for (const how of ['completed in the race', 'completed on its way', 'in its handshake'] as const) {
    test.serial(`a better connection that comes too late leaves nothing: ${how}`, async t => {
      const barrier = new Barrier(2)
      const dawdle = stage({
        name: 'dawdle',
        accepts: ['connections'],
        yields: 'connections',
        run: async function * (connections, { node: { convergence } }) {
          // a preference by address: the two addresses have the same transport
          Object.assign(convergence as DialConvergence, { isBetter: ({ multiaddr }: Candidate) => multiaddr.equals(better), isBest: ({ remoteAddr }: Connection) => remoteAddr.equals(better) })

          for await (const connection of connections) {
            // a relay is dialled through the same pipeline
            if (how !== 'in its handshake' && connection.remotePeer.equals(remote.peerId)) {
              void barrier.hold()
              await until(() => node.getConnections(remote.peerId).length, count => count === 2)
              await sleep(50)
            }

            yield connection
          }
        }
      })
      const { node, remote, addresses: [better, good], nothingLeft } = await scene(t, way, {
        pipeline: generators => how === 'completed in the race' ? pipeline(generators.pipeline(), dawdle) : pipeline(generators.pipeline(), dawdle, converge({ linger: 20 })),
        gater: { denyOutboundConnection: async (_, { remoteAddr }) => remoteAddr.equals(better) ? barrier.hold() : false }
      })

      const connection = await node.dial([better, good])

      t.is(`${connection.remoteAddr}`, `${good}`)
      await nothingLeft(connection)
    })
  }

  test.serial('a dial that fails leaves nothing', async t => {
    const { node, nobody, generators, nothingLeft } = await scene(t, way)
    const { signal } = new AbortController()
    generators.endless = false

    for (let i = 0; i < 5; i++) {
      await t.throwsAsync(node.dial([...nobody], { signal }), { instanceOf: AggregateError })
      t.is(abortListeners(signal), 0)
    }

    await nothingLeft()
  })
}

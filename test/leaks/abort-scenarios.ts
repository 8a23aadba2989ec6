import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import test from 'ava'
import { abortListeners } from '../helpers/open-handles.ts'
import { until } from '../helpers/until.ts'
import { dose } from '../support/dose.ts'
import { Barrier } from './barrier.ts'
import { scene } from './scene.ts'
import type { Way } from './places.ts'
import type { AttemptLayer } from '../../src/stages/index.ts'
import type { Connection } from '@libp2p/interface'

/** The number of aborted dials, and of tries */
const ABORTED = dose(60)
const ROUNDS = ABORTED * 10

const STOPS = dose(10, 5)

/** Declares the tests that a dial leaves nothing that its callers or the node end, over a transport */
export function abortScenarios (way: Way): void {
  test.serial('a dial that is aborted at any moment leaves nothing', async t => {
    const { node, addresses, nothingLeft } = await scene(t, way)
    const first = node.dial([...addresses])
    const length = await turnsUntil(first)
    await (await first).close()

    let aborted = 0

    for (let i = 0; aborted < ABORTED && i < ROUNDS; i++) {
      const controller = new AbortController()
      const dial = node.dial([...addresses], { signal: controller.signal })
      const abort = turns(Math.random() * length).then(() => { controller.abort() })

      try {
        const connection = await dial
        await abort
        t.is(connection.status, 'open', 'an abort after the success closes nothing')
        await connection.close()
      } catch (err) {
        t.is(err, controller.signal.reason)
        aborted++
      }

      t.is(abortListeners(controller.signal), 0)
    }

    t.is(aborted, ABORTED)
    await nothingLeft()
  })

  test.serial('a dial that is aborted at any of its events leaves nothing', async t => {
    const { node, addresses, nothingLeft } = await scene(t, way)
    const events: string[] = []
    await (await node.dial([...addresses], { onProgress: ({ type }) => { events.push(type) } })).close()

    for (const event of new Set(events)) {
      for (const later of [0, 1, 5]) {
        const controller = new AbortController()
        const dial = node.dial([...addresses], {
          signal: controller.signal,
          onProgress: ({ type }) => {
            if (type === event) {
              void microtasks(later).then(() => { controller.abort() })
            }
          }
        })

        const connection = await dial.catch((err: unknown) => { t.is(err, controller.signal.reason) })
        // an orderly close fails if the remote has reset the socket meanwhile
        await connection?.close().catch((err: Error) => { connection.abort(err) })
        t.is(abortListeners(controller.signal), 0)
      }
    }

    await nothingLeft()
  })

  test.serial('a node that stops at any moment of a dial leaves nothing', async t => {
    const { node, addresses, nothingLeft } = await scene(t, way)
    const first = node.dial([...addresses])
    const length = await turnsUntil(first)
    await (await first).close()

    for (let i = 0; i < STOPS; i++) {
      const { signal } = new AbortController()
      const dials = Promise.allSettled([node.dial([...addresses], { signal }), node.dial([...addresses])])
      await turns(Math.random() * length)
      await node.stop()

      for (const outcome of await dials) {
        if (outcome.status === 'rejected') {
          t.is(outcome.reason.name, 'AbortError')
        } else {
          t.not(outcome.value.status, 'open')
        }
      }

      t.is(abortListeners(signal), 0)
      await node.start()
    }

    await nothingLeft()
  })

  for (const hook of ['denyOutboundEncryptedConnection', 'denyOutboundUpgradedConnection'] as const) {
    for (const how of ['an abort', 'a stop'] as const) {
      test.serial(`a connection that completes after ${how} in ${hook} leaves nothing`, async t => {
        const barrier = new Barrier(3)
        const { node, addresses, nothingLeft } = await scene(t, way, { gater: { [hook]: async () => barrier.hold() } })
        const controller = new AbortController()
        const dial = t.throwsAsync(node.dial([...addresses], { signal: controller.signal }), { name: 'AbortError' })
        t.is(await until(() => barrier.arrived, arrived => arrived === 2), 2)

        if (how === 'an abort') {
          controller.abort()
        } else {
          await node.stop()
          await node.start()
        }

        await dial
        t.is(abortListeners(controller.signal), 0)

        // time for orderly closes
        await sleep(50)
        void barrier.hold()
        await nothingLeft()
      })
    }
  }

  test.serial('callers that leave a dial one after the other leave nothing', async t => {
    const barrier = new Barrier(2)
    const { node, addresses: [address], nothingLeft } = await scene(t, way, { gater: { denyOutboundConnection: async () => barrier.hold() } })
    const [first, second, third] = [new AbortController(), new AbortController(), new AbortController()]
    const dials = [first, second, third].map(async ({ signal }) => node.dial(address, { signal }))
    await until(() => barrier.arrived, arrived => arrived === 1)

    first.abort()
    await t.throwsAsync(dials[0] as Promise<unknown>, { name: 'AbortError' })
    third.abort()
    await t.throwsAsync(dials[2] as Promise<unknown>, { name: 'AbortError' })

    void barrier.hold()
    const connection = await dials[1] as Connection

    t.deepEqual([first, second, third].map(({ signal }) => abortListeners(signal)), [0, 0, 0])
    await nothingLeft(connection)
  })

  test.serial('the timeout of a caller without a signal leaves nothing', async t => {
    const barrier = new Barrier(Infinity)
    const { node, addresses: [address], nothingLeft } = await scene(t, way, { dialTimeout: 30, gater: { denyOutboundConnection: async () => barrier.hold() } })

    await t.throwsAsync(node.dial(address), { name: 'TimeoutError' })
    await nothingLeft()
  })

  for (const [name, attempt] of [['with a timeout of the attempt', undefined], ['without', [] as AttemptLayer[]]] as const) {
    test.serial(`an abort after the success closes nothing: ${name}`, async t => {
      const { node, remote, addresses, nothingLeft } = await scene(t, way, { pipeline: generators => generators.pipeline(attempt) })
      await remote.handle('/test/1.0.0', stream => { void stream.close() })
      const controllers = [new AbortController(), new AbortController()]

      const [connection] = await Promise.all(controllers.map(async ({ signal }) => node.dial([...addresses], { signal }))) as [Connection]
      controllers.forEach(controller => { controller.abort() })
      await sleep(50)

      t.is(connection.status, 'open')
      const stream = await connection.newStream('/test/1.0.0')
      t.is(stream.protocol, '/test/1.0.0')
      await stream.close()
      t.deepEqual(controllers.map(({ signal }) => abortListeners(signal)), [0, 0])
      await nothingLeft(connection)
    })
  }
}

/** Waits for turns of the event loop */
async function turns (count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await setImmediate()
  }
}

async function turnsUntil (promise: Promise<unknown>): Promise<number> {
  let isDone = false
  let count = 0
  void promise.then(() => { isDone = true })

  while (!isDone) {
    await setImmediate()
    count++
  }

  return count
}

async function microtasks (count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await Promise.resolve()
  }
}

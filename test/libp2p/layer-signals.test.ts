import { setTimeout as delay } from 'node:timers/promises'
import test from 'ava'
import { pipeline } from '../../src/pipeline/index.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { race } from '../../src/stages/race.ts'
import { addressesOf, dialling, listening } from './kit.ts'
import type { AttemptLayer } from '../../src/pipeline/types.ts'

test('the TCP transport itself keeps the signal of its dial: an abort closes the connection', async t => {
  const [remote, node] = await Promise.all([listening(t), listening(t)])
  const own = new AbortController()
  const connection = await (node as any).components.transportManager.dial(addressesOf(remote)[0], { signal: own.signal })
  own.abort()
  await delay(50)

  t.not(connection.status, 'open')
})

for (const transport of ['tcp', 'ws'] as const) {
  test(`a layer that aborts its own signal after a success over ${transport} leaves the connection open`, async t => {
    const own = new AbortController()
    const aborting: AttemptLayer = next => async (candidate, options) => next(candidate, { ...options, signal: own.signal, transport: { signal: own.signal } })
    const remote = await listening(t)
    const node = await dialling(t, pipeline(fromCaller(), race({ attempt: [aborting] })))
    const connection = await node.dial(addressesOf(remote, transport))
    own.abort()
    await delay(50)

    t.is(connection.status, 'open')
  })
}

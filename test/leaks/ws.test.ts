import { setTimeout as sleep } from 'node:timers/promises'
import { queryObjects } from 'node:v8'
import test from 'ava'
import { Caller } from '../../src/dialer/dials/caller.ts'
import { blackhole } from '../helpers/blackhole.ts'
import { abortListeners } from '../helpers/open-handles.ts'
import { silent } from '../helpers/silent.ts'
import { until } from '../helpers/until.ts'
import { detour } from './detour.ts'
import { NOBODY, retained } from './retained.ts'
import { scenarios } from './scenarios.ts'
import { scene } from './scene.ts'

scenarios('ws')

// a connecting WebSocket cannot be closed, by this dialer or libp2p's own: see docs/internals/leaks.md
for (const [what, make] of [['a blackhole', blackhole], ['a listener that says nothing', silent]] as const) {
  test.serial(`attempts that hang in ${what} are released by their dial, and end when it closes`, async t => {
    const { node, remote, addresses: [good], generators, nothingLeft } = await scene(t, 'ws')
    const bad = await make()
    t.teardown(bad.close)
    const address = bad.multiaddr.encapsulate(`/ws/p2p/${remote.peerId}`)

    for (let i = 0; i < 5; i++) {
      const { signal } = new AbortController()
      const connection = await node.dial([address, good], { signal, force: true })

      t.is(`${connection.remoteAddr}`, `${good}`)
      t.is(abortListeners(signal), 0)
      await connection.close()
    }

    for (let i = 0; i < 20; i++) {
      const controller = new AbortController()
      const dial = t.throwsAsync(node.dial(address, { signal: controller.signal }), { name: 'AbortError' })
      await sleep(Math.random() * 5)
      controller.abort()

      t.is(await dial, controller.signal.reason)
      t.is(abortListeners(controller.signal), 0)
    }

    t.deepEqual(node.getDialQueue(), [])
    t.is(await until(() => generators.running, running => running === 0), 0)
    t.is(queryObjects(Caller), 0)

    await bad.close()
    await nothingLeft()
    t.deepEqual(retained(), NOBODY)
  })
}

test.serial('a WebSocket that connects after the abort is closed', async t => {
  const { node, addresses: [good], nothingLeft } = await scene(t, 'ws')
  const late = await detour(good)

  for (let i = 1; i <= 5; i++) {
    const controller = new AbortController()
    const dial = t.throwsAsync(node.dial(late.multiaddr, { signal: controller.signal }), { name: 'AbortError' })
    await until(() => late.accepted, accepted => accepted === i)
    controller.abort()

    t.is(await dial, controller.signal.reason)
  }

  late.open()
  t.is(await until(() => late.connected, connected => connected === 0), 0)
  await late.close()
  await nothingLeft()
})

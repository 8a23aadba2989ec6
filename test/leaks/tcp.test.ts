import { setTimeout as sleep } from 'node:timers/promises'
import test from 'ava'
import { blackhole } from '../helpers/blackhole.ts'
import { abortListeners } from '../helpers/open-handles.ts'
import { silent } from '../helpers/silent.ts'
import { scenarios } from './scenarios.ts'
import { scene } from './scene.ts'

scenarios('tcp')

for (const [what, make] of [['a blackhole', blackhole], ['a listener that says nothing', silent]] as const) {
  test.serial(`a race against ${what} leaves no listeners or handles`, async t => {
    const bad = await make()
    t.teardown(bad.close)
    const { node, remote, addresses: [good], nothingLeft } = await scene(t, 'tcp')
    const { signal } = new AbortController()

    for (let i = 0; i < 5; i++) {
      const connection = await node.dial([bad.multiaddr.encapsulate(`/p2p/${remote.peerId}`), good], { signal })

      t.is(`${connection.remoteAddr}`, `${good}`)
      t.is(abortListeners(signal), 0)
      await nothingLeft(connection)
    }
  })

  test.serial(`an aborted dial of ${what} leaves no listeners or handles`, async t => {
    const bad = await make()
    t.teardown(bad.close)
    const { node, nothingLeft } = await scene(t, 'tcp')

    for (let i = 0; i < 50; i++) {
      const controller = new AbortController()
      const dial = t.throwsAsync(node.dial(bad.multiaddr, { signal: controller.signal }), { name: 'AbortError' })
      await sleep(Math.random() * 5)
      controller.abort()

      t.is(await dial, controller.signal.reason)
      t.is(abortListeners(controller.signal), 0)
    }

    await nothingLeft()
  })
}

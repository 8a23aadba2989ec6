import test from 'ava'
import { abortListeners } from '../helpers/open-handles.ts'
import { dose } from '../support/dose.ts'
import { abortDials, Dawdle, loseAttempts } from './load.ts'
import { NOBODY, retained } from './retained.ts'
import { scene } from './scene.ts'
import type { Way } from './places.ts'
import type { Scene, SceneOptions } from './scene.ts'

const COUNT = dose(200)

/** The minimum number of different moments at which dials are aborted: a few aborts over WebSockets have two */
const MOMENTS = dose(3, 2)

/** Milliseconds, longer than until the second attempt of a race starts */
const HELD = 20

/** Declares the tests that a load leaves nothing */
export function loads (way: Way, options: SceneOptions = {}): void {
  test.serial(`${COUNT} dials aborted at random moments`, async t => {
    const { nothingLeft, ...there } = await scene(t, way, options)

    const moments = await abortDials({ ...there, restore: async () => restore(there, options) }, COUNT)

    t.true(Object.keys(moments).length >= MOMENTS, JSON.stringify(moments))
    await nothingLeft()
    t.deepEqual(retained(), NOBODY)
  })

  test.serial(`${COUNT} lost races`, async t => {
    const dawdle = new Dawdle(HELD)
    const { nothingLeft, ...there } = await scene(t, way, { ...options, gater: dawdle.gater })
    dawdle.address = there.addresses[0]
    const { signal } = new AbortController()

    const failed = await loseAttempts({
      ...there,
      restore: async () => {
        await dawdle.idle()
        await restore(there, options)
      }
    }, COUNT, signal)

    t.is(failed, 0)
    t.is(abortListeners(signal), 0)
    await nothingLeft()
    t.deepEqual(retained(), NOBODY)
  })
}

/** Closes the connections to relays, so that the next dial starts from the same state as the first */
async function restore ({ node, relays }: Pick<Scene, 'node' | 'relays'>, { isRelayed }: SceneOptions): Promise<void> {
  if (isRelayed !== true) {
    await Promise.all(relays.flatMap(({ peerId }) => node.getConnections(peerId)).map(async connection => connection.close()))
  }
}

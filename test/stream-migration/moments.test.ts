import test from 'ava'
import { Scene } from './kit/scene.ts'
import type { Side } from './kit/wire.ts'

interface Moment {
  /** Number of messages received so far */
  steps: number
  before: boolean
  done: boolean
}

/** Returns a migrating stream with traffic in both directions, after a number of messages */
async function moving (steps: number): Promise<{ scene: Scene, moment: Moment, over: boolean, migrated: Promise<unknown> }> {
  const scene = await new Scene([{ window: 1_500 }, { window: 1_500 }]).open()

  for (const talker of scene.talkers) {
    talker.send(4_000)
  }

  let done = false
  const migrated = scene.migrate(0, 1).then(() => { done = true }, (err: unknown) => err)
  await scene.pass()

  for (let i = 0; i < steps; i++) {
    scene.wire(i >> 1).deliver(i % 2 as Side, 1)
    await scene.pass()
  }

  return {
    scene,
    moment: { steps, before: scene.stream(0).connection === scene.wire(0).connections[0], done },
    over: scene.wires.every(wire => wire.pending(0) + wire.pending(1) === 0),
    migrated
  }
}

for (const side of [0, 1] as const) {
  test(`the death of the old connection at end ${side} at any moment fails the stream, unless the move is complete`, async t => {
    const tally = { before: 0, between: 0, after: 0 }

    for (let steps = 0, over = false; !over; steps++) {
      const { scene, moment, migrated, ...rest } = await moving(steps)
      const survives = moment.done
      over = rest.over

      scene.wire(0).kill(side)
      await scene.end()

      t.is(await migrated instanceof Error, !survives, `${steps}`)
      t.deepEqual(endings(scene), survives ? ['all', 'all'] : ['error', 'error'], `${steps}`)
      t.deepEqual(scene.left, { streams: 0, labels: 0, timers: 0 })
      tally[moment.before ? 'before' : moment.done ? 'after' : 'between']++
    }

    t.true(Math.min(...Object.values(tally)) > 0)
    t.log(tally)
  })

  test(`the death of the new connection at end ${side} at any moment fails the stream, unless neither end has switched`, async t => {
    const tally = { before: 0, between: 0, after: 0 }

    for (let steps = 0, over = false; !over; steps++) {
      const { scene, moment, migrated, ...rest } = await moving(steps)
      const survives = moment.before
      over = rest.over

      scene.wire(1).kill(side)
      await scene.end()

      // in between, the stream may have migrated just before the news of the lost connection
      t.true(moment.done || !moment.before || await migrated instanceof Error, `${steps}`)
      t.deepEqual(endings(scene), survives ? ['all', 'all'] : ['error', 'error'], `${steps}`)
      t.deepEqual(scene.left, { streams: 0, labels: 0, timers: 0 })
      tally[moment.before ? 'before' : moment.done ? 'after' : 'between']++
    }

    t.true(Math.min(...Object.values(tally)) > 0)
    t.log(tally)
  })
}

/** Returns how each end ended: with all data, an error, a silent loss, or wrong data */
function endings ({ talkers: [a, b] }: Scene): string[] {
  return [[a, b] as const, [b, a] as const].map(([talker, other]) => {
    if (talker.wrong != null || talker.received > other.sent || talker.closed == null) {
      return 'wrong'
    }

    if (talker.closed.error != null) {
      return 'error'
    }

    return talker.received === 4_000 && other.sent === 4_000 ? 'all' : 'silent loss'
  })
}

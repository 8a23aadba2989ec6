import { fc, testProp } from '@fast-check/ava'
import { dose } from '../../support/dose.ts'
import { act, limits } from './ticket-acts.ts'
import { TicketScene } from './ticket-scene.ts'

testProp('whatever listeners do, no more slots are held than exist, each ticket is granted, and none is left', [
  limits, fc.array(act, { minLength: 1, maxLength: 150, size: 'max' })
], async (t, limits, acts) => {
  const scene = new TicketScene(limits)

  for (const one of acts) {
    scene.do(one)

    if (one.kind === 'turn') {
      await scene.turn()
    }
  }

  await scene.finish()

  t.deepEqual([...scene.faults], [])
  t.true(await scene.isEmpty(), 'every slot is free again')
}, { numRuns: dose(5_000, 200) })

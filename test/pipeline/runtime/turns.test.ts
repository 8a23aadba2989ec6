import test from 'ava'
import { nextTurn } from '../../../src/pipeline/clock.ts'
import { settled } from '../../../src/testing/virtual-clock.ts'

async function order (): Promise<string[]> {
  const seen: string[] = []
  nextTurn(() => seen.push('turn'))
  nextTurn(() => seen.push('cancelled'))()

  for (let i = 0; i < 100; i++) {
    await Promise.resolve()
  }

  seen.push('microtasks')
  await settled()

  return seen
}

test.serial('nextTurn() calls after the microtasks of the turn, unless it is cancelled', async t => {
  t.deepEqual(await order(), ['microtasks', 'turn'])
})

test.serial('nextTurn() works without setImmediate', async t => {
  const { setImmediate } = globalThis

  try {
    Reflect.deleteProperty(globalThis, 'setImmediate')
    t.deepEqual(await order(), ['microtasks', 'turn'])
  } finally {
    globalThis.setImmediate = setImmediate
  }
})

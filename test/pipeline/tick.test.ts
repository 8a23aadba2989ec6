import test from 'ava'
import { Work } from '../../src/pipeline/react.ts'
import { tick } from '../../src/pipeline/tick.ts'
import { settled } from '../../src/testing/virtual-clock.ts'

test('says that something has changed once a turn, however often it is told', async t => {
  const work = new Work()
  let changes = 0
  work.changed = () => { changes++ }
  tick(work)
  tick(work)
  await Promise.resolve()
  tick(work)
  t.is(changes, 0)
  await settled()
  t.is(changes, 1)
  tick(work)
  await settled()
  t.is(changes, 2)
})

test('each is told for itself', async t => {
  const [one, two] = [new Work(), new Work()]
  tick(one)
  tick(two)
  await settled()
  t.true(one.takeNews())
  t.true(two.takeNews())
})

test.serial('works where there is no setImmediate', async t => {
  const { setImmediate } = globalThis
  const work = new Work()

  try {
    Reflect.deleteProperty(globalThis, 'setImmediate')
    tick(work)
    tick(work)

    while (!work.takeNews()) {
      await new Promise(resolve => { setTimeout(resolve, 1) })
    }
  } finally {
    globalThis.setImmediate = setImmediate
  }

  t.false(work.takeNews())
})

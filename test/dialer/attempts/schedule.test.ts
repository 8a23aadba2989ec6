import { fc, testProp } from '@fast-check/ava'
import test from 'ava'
import { PriorityQueue } from '../../../src/dialer/attempts/schedule.ts'

interface One {
  n: number
  priority: number
}

function nextOf (model: readonly One[]): One | undefined {
  return model.toSorted((a, b) => b.priority - a.priority)[0]
}

testProp('the queue takes the highest priority first, and among equals the oldest, for any additions and deletions', [
  fc.constantFrom(3, 100).chain(most => fc.array(fc.oneof(
    fc.record({ op: fc.constant('add' as const), priority: fc.integer({ min: 1, max: most }) }),
    fc.record({ op: fc.constant('delete' as const), which: fc.nat(20) }),
    fc.record({ op: fc.constant('again' as const), which: fc.nat(20) }),
    fc.constant({ op: 'shift' as const })
  ), { minLength: 1, maxLength: 60 }))
], (t, steps) => {
  const queue = new PriorityQueue<One>()
  const model: One[] = []
  const all: One[] = []

  for (const step of steps) {
    if (step.op === 'add') {
      const one = { n: all.length, priority: step.priority }
      all.push(one)
      model.push(one)
      queue.add(one)
    } else if (step.op === 'shift') {
      const next = nextOf(model)
      model.splice(0, model.length, ...model.filter(one => one !== next))
      t.is(queue.shift(), next)
    } else {
      const one = all[step.which % (all.length || 1)]
      const waits = one != null && model.includes(one)

      if (one != null) {
        t.is(queue.delete(one), waits)
        model.splice(0, model.length, ...model.filter(other => other !== one))

        // an entry whose priority is raised goes to the end of its new queue
        if (step.op === 'again') {
          model.push(one)
          queue.add(one)
        }
      }
    }

    t.is(queue.first, nextOf(model))
    t.is(queue.size, model.length)

    for (const [count, least] of [[0, 2], [2, 1], [3, 50]] as const) {
      t.is(queue.exceeds(count, least), model.filter(({ priority }) => priority >= least).length > count)
    }
  }
})

test('the queue takes 20,000 items of different priorities in order', t => {
  const queue = new PriorityQueue<One>()

  for (let n = 0; n < 20_000; n++) {
    queue.add({ n, priority: n * 7_919 % 20_000 })
  }

  for (let priority = 19_999; priority >= 0; priority--) {
    if (queue.shift()?.priority !== priority) {
      t.fail(`priority ${priority}`)
    }
  }

  t.is(queue.size, 0)
})

test('the queue keeps its order when a thousand priorities come and go below a waiting one', t => {
  const queue = new PriorityQueue<One>()
  const [last, first] = [{ n: 0, priority: -1 }, { n: 1, priority: 2_000 }]
  queue.add(last)
  queue.add(first)

  for (let priority = 0; priority < 1_000; priority++) {
    const one = { n: 2, priority: priority * 7_919 % 1_000 }
    queue.add(one)
    t.true(queue.delete(one))
    queue.add(one)
    t.true(priority % 3 === 0 || queue.delete(one))
  }

  const order = Array.from({ length: queue.size }, () => queue.shift()?.priority ?? Number.NaN)
  t.is(order.length, 336)
  t.deepEqual(order, order.toSorted((a, b) => b - a))
})

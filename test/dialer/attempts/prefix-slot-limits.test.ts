import { fc, testProp } from '@fast-check/ava'
import test from 'ava'
import { settled } from '../../../src/testing/virtual-clock.ts'
import { dose } from '../../support/dose.ts'
import { heldAttempts } from './held-attempts.ts'
import { runInSlots, slotsOf } from './slot-run.ts'

/** An attempt to the victim's network */
const victim = { prefixes: ['victim'] }

test('an attempt that leaves does not reset the slots of a prefix with others in flight', async t => {
  const { started, begin } = heldAttempts({ prefix: 1 })
  const leaving = new AbortController()
  const [a, b] = [begin('a', victim), begin('b', { ...victim, signal: leaving.signal })]
  await settled()
  leaving.abort(new Error('left'))
  await t.throwsAsync(b.ended, { message: 'left' })
  const c = begin('c', victim)
  await settled()
  t.deepEqual(started, ['a'])
  a.end()
  await settled()
  t.deepEqual(started, ['a', 'c'])
  c.end()
  await Promise.all([a.ended, c.ended])
})

test('an attempt waiting for its prefix slot holds no peer slot', async t => {
  const { started, begin } = heldAttempts({ prefix: 1, peer: 1 })
  const [a, b, c] = [begin('a', { ...victim, peer: 'first' }), begin('b', { ...victim, peer: 'second' }), begin('c', { peer: 'second' })]
  await settled()
  t.deepEqual(started.toSorted(), ['a', 'c'])
  a.end()
  c.end()
  await settled()
  t.is(started[2], 'b')
  b.end()
  await Promise.all([a.ended, b.ended, c.ended])
})

test('an attempt of several prefixes starts when all have a slot, and none waits for ever', async t => {
  const { started, begin } = heldAttempts({ prefix: 1 })
  const [a, b] = [begin('a', { prefixes: ['x'] }), begin('b', { prefixes: ['y'] })]
  const [c, d] = [begin('c', { prefixes: ['x', 'y'] }), begin('d', { prefixes: ['x', 'y'] })]
  await settled()
  t.deepEqual(started, ['a', 'b'])

  for (const [run, then] of [[a, 'a b'], [b, 'a b c'], [c, 'a b c d'], [d, 'a b c d']] as const) {
    run.end()
    await settled()
    t.is(started.join(' '), then)
  }

  await Promise.all([a, b, c, d].map(async ({ ended }) => ended))
})

test('waiting attempts of a prefix start by priority, also one that is raised', async t => {
  const { started, begin } = heldAttempts({ prefix: 1 })
  const [a, b, c, d] = [begin('a', victim), begin('b', victim), begin('c', { ...victim, priority: 75 }), begin('d', victim)]
  await settled()
  d.ticket.raisePriority(100)

  for (const run of [a, d, c, b]) {
    run.end()
    await settled()
  }

  t.deepEqual(started, ['a', 'd', 'c', 'b'])
  await Promise.all([a, b, c, d].map(async ({ ended }) => ended))
})

testProp('no slot limit is exceeded in random sequences of attempts', [fc.array(fc.record({
  peer: fc.integer({ min: 0, max: 3 }),
  prefixes: fc.uniqueArray(fc.integer({ min: 0, max: 2 })).map(numbers => numbers.toSorted((a, b) => a - b)),
  leaves: fc.boolean()
}), { maxLength: 60 }), fc.infiniteStream(fc.nat(100))], async (t, requests, picks) => {
  const limits = { node: 6, peer: 3, prefix: 2 }
  const slots = slotsOf(limits)
  const running = new Set<{ peer: number, prefixes: number[], end (): void }>()
  const most = { node: 0, peer: 0, prefix: 0 }

  function look (): void {
    const all = [...running]
    const same = (of: (one: typeof all[0]) => number[]): number => Math.max(0, ...all.flatMap(of).map(key => all.filter(other => of(other).includes(key)).length))
    most.node = Math.max(most.node, all.length)
    most.peer = Math.max(most.peer, same(({ peer }) => [peer]))
    most.prefix = Math.max(most.prefix, same(({ prefixes }) => prefixes))
  }

  const all = requests.map(async ({ peer, prefixes, leaves }) => {
    const controller = new AbortController()
    const run = runInSlots(slots, { peer: `${peer}`, prefixes: prefixes.map(String), signal: controller.signal }, async () => {
      await new Promise<void>(resolve => {
        const one = { peer, prefixes, end: () => { running.delete(one); resolve() } }
        running.add(one)
        look()
      })
    })

    if (leaves) {
      controller.abort(new Error('left'))
    }

    await run.ended.catch(() => {})
  })

  await settled()

  while (running.size > 0) {
    const [pick] = picks.take(1)
    ;[...running][(pick ?? 0) % running.size]?.end()
    await settled()
  }

  await Promise.all(all)
  t.true(most.node <= limits.node && most.peer <= limits.peer && most.prefix <= limits.prefix, JSON.stringify(most))
}, { numRuns: dose(30) })

import test from 'ava'
import { PrefixSlots } from '../../../src/dialer/attempts/prefix-slots.ts'
import { settled } from '../../../src/testing/virtual-clock.ts'
import type { PrefixSlotTaker } from '../../../src/dialer/attempts/prefix-slots.ts'

interface Visit extends PrefixSlotTaker {
  priority: number
  mayLeave: boolean
  end (): void
  abort (): void
}

/** Prefix slots of one network, and the attempts that request them */
interface Scene {
  readonly prefixSlots: PrefixSlots
  /** Attempts in the order in which they got a slot */
  readonly entered: string[]
  /** Attempts that were asked to leave */
  readonly left: string[]
  visit (name: string, taker?: Partial<PrefixSlotTaker>): Visit
  visits (count: number, name: string, taker?: Partial<PrefixSlotTaker>): Visit[]
}

function scene (limit: number): Scene {
  const prefixSlots = new PrefixSlots(limit)
  const entered: string[] = []
  const left: string[] = []

  function visit (name: string, taker: Partial<PrefixSlotTaker> = {}): Visit {
    const end = (): void => { prefixSlots.leave('network', one) }
    const leave = (): void => {
      left.push(name)
      queueMicrotask(end)
    }
    const one: Visit = { priority: 50, isReturning: false, mayLeave: false, onPrefixSlot: () => {}, pass: () => { entered.push(name) }, leave, end, abort: end, ...taker }
    prefixSlots.enter('network', one)

    return one
  }

  return { prefixSlots, entered, left, visit, visits: (count, name, taker) => Array.from({ length: count }, (_, i) => visit(`${name}${i}`, taker)) }
}

test('a holder leaves for each waiting newcomer, the oldest first', async t => {
  const { prefixSlots, left, visit, visits } = scene(4)
  const holders = visits(4, 'holder')
  const waiting = [visit('first'), visit('second')]
  holders.forEach(holder => { holder.mayLeave = true })
  prefixSlots.review('network')
  prefixSlots.review('network')
  t.deepEqual(left, ['holder0', 'holder1'])
  waiting.push(visit('third'))
  t.deepEqual(left, ['holder0', 'holder1', 'holder2'])
  await settled()
  waiting.forEach(one => { one.end() })
  await settled()
  t.deepEqual(left, ['holder0', 'holder1', 'holder2'])
})

test('a holder that may leave does so at once for a newcomer that comes later', async t => {
  const { entered, left, visit } = scene(1)
  visit('holder', { mayLeave: true })
  visit('newcomer')
  await settled()

  t.deepEqual(left, ['holder'])
  t.deepEqual(entered, ['holder', 'newcomer'])
})

test('a holder stays when the newcomer has gone, and for a taker that held a place before', async t => {
  const { prefixSlots, left, visit } = scene(1)
  const holder = visit('holder')
  const newcomer = visit('newcomer')
  visit('back', { isReturning: true })
  newcomer.abort()
  await settled()
  holder.mayLeave = true
  prefixSlots.review('network')

  t.deepEqual(left, [])
})

test('a holder stays for a newcomer of lower priority until that is raised', async t => {
  const { prefixSlots, left, visit } = scene(1)
  visit('holder', { priority: 90, mayLeave: true })
  const newcomer = visit('newcomer', { priority: 89 })
  await settled()
  t.deepEqual(left, [])
  prefixSlots.raisePriority('network', newcomer, 90)

  t.deepEqual(left, ['holder'])
})

test('a free place goes to the highest priority, then to newcomers, then to takers that held one before', async t => {
  const { entered, visit, visits } = scene(1)
  const holder = visit('holder')
  const waiting = [visit('back', { isReturning: true }), visit('high', { isReturning: true, priority: 51 }), ...visits(2, 'newcomer')]

  for (const one of [holder, waiting[1], waiting[2], waiting[3], waiting[0]]) {
    await settled()
    one?.end()
  }

  await settled()
  t.deepEqual(entered, ['holder', 'high', 'newcomer0', 'newcomer1', 'back'])
})

test('a taker that held a place before gets one after eight newcomers', async t => {
  const { entered, visit, visits } = scene(1)
  const holder = visit('holder')
  visit('back', { isReturning: true })
  const newcomers = visits(20, 'newcomer')

  for (const one of [holder, ...newcomers.slice(0, 8)]) {
    await settled()
    one.end()
  }

  await settled()
  t.deepEqual(entered.slice(8), ['newcomer7', 'back'])
})

for (const [limit, most] of [[3, 1], [8, 1], [16, 2]] as const) {
  test(`takers that held a slot before get ${most} of ${limit} slots while newcomers come`, async t => {
    const { entered, visits } = scene(limit)
    const holders = visits(limit, 'holder')
    visits(20, 'back', { isReturning: true })
    const newcomers = visits(100, 'newcomer')

    for (const one of [...holders, ...newcomers.slice(0, 50)]) {
      one.end()
      await settled()
    }

    t.is(entered.filter(name => name.startsWith('back')).length, most)
  })
}

test('another holder leaves when a newcomer\'s place went to a taker that held one before', async t => {
  const { entered, left, visit, visits } = scene(2)
  const holders = visits(10, 'holder')
  await settled()
  visit('back', { isReturning: true })
  holders.slice(0, 8).forEach(one => { one.end() })
  await settled()
  holders.forEach(holder => { holder.mayLeave = true })
  visit('newcomer')
  await settled()

  t.deepEqual(left, ['holder8', 'holder9'])
  t.deepEqual(entered.slice(10), ['back', 'newcomer'])
})

test('a network without holders is forgotten, and networks do not affect each other', async t => {
  const { prefixSlots, visit } = scene(1)
  const holder = visit('holder')
  t.true(prefixSlots.isFull('network'))
  t.false(prefixSlots.isFull('another'))
  visit('waiting').abort()
  await settled()
  t.true(prefixSlots.isFull('network'))
  holder.end()
  await settled()

  t.false(prefixSlots.isFull('network'))
})

test('a released place goes to the next taker although its holder\'s task goes on', async t => {
  const { prefixSlots, entered, left, visit } = scene(1)
  const first = visit('first')
  visit('second')
  await settled()
  prefixSlots.leave('network', first)
  prefixSlots.leave('network', first)
  await settled()

  t.deepEqual([entered, left], [['first', 'second'], []])
  first.end()
  await settled()
  t.true(prefixSlots.isFull('network'), 'the second holds it still')
})

test('PrefixSlots looks at a bounded number of waiting takers', t => {
  const { prefixSlots, visits } = scene(8)
  let looks = 0
  const taker = { mayLeave: true, onPrefixSlot: () => {}, pass: () => {}, leave: () => {}, get priority () { return looks++, 50 } }
  const all = [false, true].flatMap(isReturning => Array.from({ length: 1_000 }, () => Object.defineProperties({ isReturning }, Object.getOwnPropertyDescriptors(taker)) as unknown as PrefixSlotTaker))
  all.forEach(one => { prefixSlots.enter('network', one) })
  visits(8, 'newcomer')
  all.forEach(one => { prefixSlots.leave('network', one) })

  t.true(looks < all.length * 50, `${looks}`)
})

for (let moments = 0; moments < 8; moments++) {
  test(`a taker that leaves ${moments} microtasks after its slot was free does not start`, async t => {
    const { entered, visit } = scene(1)
    const first = visit('first')
    const second = visit('second')
    await settled()
    first.end()

    for (let moment = 0; moment < moments; moment++) {
      await Promise.resolve()
    }

    const before = [...entered]
    second.abort()
    await settled()
    t.deepEqual(entered, before)
  })
}

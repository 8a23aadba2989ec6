import { format } from 'node:util'
import test from 'ava'
import { EvictionLog } from '../../src/bans/eviction-log.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import type { Logger } from '@libp2p/interface'

const MINUTE = 60_000
const FIRST = 'evicted the ban of 10.0.0.0/24: there are too many bans, and it ends first'
const more = (count: number): string => `evicted ${count} more bans: there are too many, and they end first`

function scene (): { clock: VirtualClock, evictions: EvictionLog, lines: string[], evict (count: number): void } {
  const clock = new VirtualClock(0)
  const lines: string[] = []
  const evictions = new EvictionLog(clock, { error: (...parts: unknown[]) => { lines.push(format(...parts)) } } as unknown as Logger)

  return { clock, evictions, lines, evict: count => {
    for (let i = 0; i < count; i++) {
      evictions.evicted({ target: '10.0.0.0/24', since: 0, until: Infinity })
    }
  } }
}

test('logs the first eviction immediately, and the number of later ones once a minute', async t => {
  const { clock, lines, evict } = scene()
  evict(2_000)
  t.deepEqual(lines, [FIRST])
  await clock.advance(MINUTE)
  t.deepEqual(lines, [FIRST, more(1_999)])
  evict(5)
  await clock.advance(MINUTE)
  t.deepEqual(lines, [FIRST, more(1_999), more(5)])
})

test('logs an eviction immediately after a minute without evictions', async t => {
  const { clock, lines, evict } = scene()
  evict(1)
  await clock.advance(MINUTE)
  t.is(clock.pending, 0)
  evict(1)
  t.deepEqual(lines, [FIRST, FIRST])
})

test('logs a second eviction after a minute, or on close()', async t => {
  const { clock, evictions, lines, evict } = scene()
  evict(2)
  await clock.advance(MINUTE - 1)
  t.deepEqual(lines, [FIRST])
  await clock.advance(1)
  t.deepEqual(lines, [FIRST, more(1)])

  evict(1)
  evictions.close()
  t.deepEqual(lines, [FIRST, more(1), more(1)])
})

test('logs the next eviction immediately after close()', t => {
  const { evictions, lines, evict } = scene()
  evict(1)
  evictions.close()
  evict(1)
  t.deepEqual(lines, [FIRST, FIRST])
})

test('close() logs the evictions counted so far, and leaves no timer', t => {
  const { clock, evictions, lines, evict } = scene()
  evict(3)
  evictions.close()
  t.deepEqual(lines, [FIRST, more(2)])
  t.is(clock.pending, 0)
})

import test from 'ava'
import { WriteBehind } from '../../src/datastore/write-behind.ts'
import { settled, VirtualClock } from '../../src/testing/virtual-clock.ts'
import type { WriteBehindInit } from '../../src/datastore/write-behind.ts'
import type { Logger } from '@libp2p/interface'

const SECOND = 1_000
const HOUR = 3_600_000

interface Scene {
  behind: WriteBehind
  clock: VirtualClock
  log: string[]
  /** When each load and each write began */
  loads: number[]
  writes: number[]
  /** What has changed and is not written */
  state: { isChanged: boolean }
  change (): void
}

interface SceneInit extends Partial<Pick<WriteBehindInit, 'delay' | 'onLoaded'>> {
  load? (attempt: number, signal: AbortSignal): unknown
  write? (attempt: number): unknown
}

function scene ({ load = () => {}, write = () => {}, delay = SECOND, onLoaded }: SceneInit = {}): Scene {
  const clock = new VirtualClock(0)
  const log: string[] = []
  const loads: number[] = []
  const writes: number[] = []
  const state = { isChanged: false }
  const behind = new WriteBehind({
    clock,
    log: { error: (...parts: unknown[]) => { log.push(parts.join(' ')) } } as unknown as Logger,
    name: 'letters',
    delay,
    onLoaded,
    load: (async (signal: AbortSignal) => load(loads.push(clock.now()), signal)) as WriteBehindInit['load'],
    isChanged: () => state.isChanged,
    write: (() => {
      state.isChanged = false
      const attempt = writes.push(clock.now())
      const fail = (err: unknown): never => {
        state.isChanged = true
        throw err
      }

      try {
        const answer = write(attempt)
        return answer instanceof Promise ? answer.catch(fail) : answer
      } catch (err) {
        return fail(err)
      }
    }) as () => Promise<void>
  })

  return {
    behind, clock, log, loads, writes, state,
    change: () => {
      state.isChanged = true
      behind.schedule()
    }
  }
}

const never = async (): Promise<void> => new Promise(() => {})

for (const [how, write] of Object.entries({
  rejects: async () => { throw new Error('disk full') },
  'throws at once': () => { throw new Error('disk full') },
  'rejects with null': async () => { throw null as unknown as Error }
})) {
  test(`a write that ${how} is repeated after 1 s, doubled each time up to 5 min, whatever changes meanwhile`, async t => {
    const { behind, clock, log, writes, change } = scene({ write })
    await behind.open()

    for (let i = 0; i < 3 * HOUR / SECOND; i++) {
      change()
      await clock.advance(SECOND)
    }

    const pauses = writes.map((at, i) => (at - (writes[i - 1] ?? 0)) / SECOND)
    t.deepEqual(pauses.slice(0, 12), [1, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300])
    t.true(pauses.slice(12).every(pause => pause === 300))
    t.is(log.length, writes.length)
    t.regex(log[0] ?? '', /could not write %s - %e letters/)
    t.is(clock.pending, 1)
    await behind.close()
    t.is(clock.pending, 0)
  })
}

test('after a write that succeeds the next change is written after the usual delay', async t => {
  const { behind, clock, writes, change } = scene({ write: async attempt => { if (attempt < 5) { throw new Error('disk full') } } })
  await behind.open()
  change()
  await clock.advance(20 * SECOND)
  t.deepEqual(writes, [1, 2, 4, 8, 16].map(at => at * SECOND))
  change()
  await clock.advance(SECOND)
  t.is(writes.length, 6)
})

test('takes a write that returns no promise for a success', async t => {
  const { behind, clock, log, writes, change } = scene({ write: () => 7 })
  await behind.open()
  change()
  await clock.advance(HOUR)
  t.is(writes.length, 1)
  t.deepEqual(log, [])
})

test('with no delay changes of one turn are written at once and together, and a failure is not repeated at once', async t => {
  const { behind, clock, writes, change } = scene({ delay: 0, write: async attempt => { if (attempt > 1) { throw new Error('disk full') } } })
  await behind.open()
  change()
  change()
  await settled()
  t.is(writes.length, 1)
  change()
  await settled()
  change()
  await settled()
  t.is(writes.length, 2)
  await clock.advance(3 * SECOND)
  t.deepEqual(writes, [0, 0, 1, 3].map(at => at * SECOND))
})

test('a write that hangs is logged after 10 s, and no other is begun until it ends', async t => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const { behind, clock, log, writes, change } = scene({ write: async attempt => attempt === 1 ? promise : undefined })
  await behind.open()
  change()
  await clock.advance(SECOND)

  for (let i = 0; i < 600; i++) {
    change()
    await clock.advance(SECOND)
  }

  t.is(writes.length, 1)
  t.deepEqual(log, ['could not write %s: no answer from the datastore for %d s. Nothing more is written until it answers letters 10'])
  t.is(clock.pending, 0)
  resolve()
  await clock.advance(SECOND)
  t.is(writes.length, 2)
})

test('closes 10 s after the start of a write that hangs, and at once when that hangs longer', async t => {
  const { behind, clock, log, writes, change } = scene({ write: never })
  await behind.open()
  change()
  await clock.advance(4 * SECOND)
  change()
  await clock.until(behind.close())
  t.is(clock.now(), 11 * SECOND)
  await behind.close()
  t.is(clock.now(), 11 * SECOND)
  t.is(writes.length, 1)
  t.is(log.length, 1)
  t.is(clock.pending, 0)
})

test('closes 10 s after the start of its last write, when that hangs', async t => {
  const { behind, clock, change } = scene({ write: never })
  await behind.open()
  change()
  await clock.until(behind.close())
  t.is(clock.now(), 10 * SECOND)
})

test('opens 10 s after the start of a load that hangs, and writes nothing before that has ended', async t => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const { behind, clock, log, loads, writes, change } = scene({ load: async () => promise })
  change()
  await clock.until(behind.open())
  t.is(clock.now(), 10 * SECOND)
  t.deepEqual(log, ['could not read %s yet: no answer from the datastore for %d s. They are taken over when they come letters 10'])
  await behind.open()
  t.is(clock.now(), 10 * SECOND, 'opening again waits no longer')

  change()
  await clock.advance(HOUR)
  t.deepEqual(writes, [], 'what was never read is not written over')
  t.is(loads.length, 1)
  resolve()
  await clock.advance(SECOND)
  t.is(writes.length, 1)
})

test('logs that changes are not written when it closes and a load hangs', async t => {
  const { behind, clock, log, writes, change } = scene({ load: never })
  const opened = behind.open()
  change()
  await clock.advance(3 * SECOND)
  await clock.until(behind.close())
  await opened
  t.is(clock.now(), 10 * SECOND)
  t.deepEqual(writes, [])
  t.is(log[1], 'did not write %s: the datastore has some that could not be read letters')
  t.is(clock.pending, 0)
})

test('writes nothing when a load ends after close(), and all when it is opened again', async t => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const { behind, clock, writes, change } = scene({ load: async () => promise, delay: 0 })
  const opened = behind.open()
  change()
  await clock.until(behind.close())
  await opened
  resolve()
  await clock.advance(HOUR)
  t.deepEqual(writes, [])
  await behind.open()
  await settled()
  t.is(writes.length, 1)
})

for (const [how, load] of Object.entries({
  rejects: async () => { throw new Error('locked') },
  'throws at once': () => { throw new Error('locked') },
  'rejects with a TypeError': async () => { throw new TypeError('locked') },
  'rejects with null': async () => { throw null as unknown as Error }
})) {
  test(`never overwrites what a load that ${how} did not read, and says why`, async t => {
    const { behind, clock, log, loads, writes, change } = scene({ load })
    t.is(behind.loadError?.message, 'The letters could not be read yet: the datastore has not answered')
    await behind.open()
    change()
    await clock.advance(HOUR)
    t.true(loads.length > 100)
    t.deepEqual(writes, [])
    t.is(log.length, loads.length)
    t.false(behind.isLoaded)
    t.regex(behind.loadError?.message ?? '', /^The letters could not be read from the datastore: (locked|no reason was given)$/)
    await behind.close()
    t.deepEqual(writes, [])
    t.is(clock.pending, 0)
  })
}

test('loads once after a single failure, says so once, and writes then', async t => {
  let loaded = 0
  const { behind, clock, loads, writes, change } = scene({ load: attempt => { if (attempt === 1) { throw new Error('locked') } }, delay: 0, onLoaded: () => { loaded++ } })
  await behind.open()
  change()
  await clock.advance(999)
  t.deepEqual([loads.length, loaded, writes.length], [1, 0, 0])
  await clock.advance(1)
  t.deepEqual([loads.length, loaded, writes.length], [2, 1, 1])
  t.true(behind.isLoaded)
  t.is(behind.loadError, undefined)
  t.is(clock.pending, 0)
})

test('retries a load that fails after 1 s again when it was closed and is opened', async t => {
  const { behind, clock, loads } = scene({ load: async () => { throw new Error('locked') } })
  await behind.open()
  await clock.advance(60 * SECOND)
  await behind.close()
  const before = loads.length
  await clock.advance(HOUR)
  t.is(loads.length, before)
  await behind.open()
  await clock.advance(3 * SECOND)
  t.is(loads.length, before + 3)
  await behind.close()
})

test('aborts a load that hangs when it is closed, begins another when it is opened again, and waits for that one only', async t => {
  const signals: AbortSignal[] = []
  const loading = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  let loaded = 0
  const { behind, clock, log, writes, change } = scene({ load: async (attempt, signal) => loading[signals.push(signal) - 1]?.promise, delay: 0, onLoaded: () => { loaded++ } })
  await clock.until(behind.open())
  t.false(signals[0]?.aborted)
  await behind.close()
  t.true(signals[0]?.aborted)

  const opened = behind.open()
  change()
  loading[0]?.resolve()
  await settled()
  t.deepEqual([loaded, writes.length, behind.isLoaded], [0, 0, false])
  loading[1]?.resolve()
  await opened
  t.deepEqual([loaded, behind.isLoaded, signals[1]?.aborted], [1, true, false])
  await behind.close()
  t.deepEqual([signals.length, writes.length, log.length, clock.pending], [2, 1, 1, 0])
})

test('does not retry a load that was given up and fails late', async t => {
  const loading = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const { behind, clock, loads } = scene({ load: async attempt => loading[attempt - 1]?.promise })
  await clock.until(behind.open())
  await behind.close()
  loading[0]?.reject(new Error('late'))
  await clock.advance(HOUR)
  t.deepEqual([loads.length, clock.pending], [1, 0])
  await behind.close()
})

test('a load that fails is repeated after 1 s, doubled each time up to 30 s, and nothing is written before one succeeds', async t => {
  const { behind, clock, log, loads, writes, change } = scene({ delay: 0, load: async attempt => { if (attempt < 9) { throw new Error('locked') } } })
  await behind.open()
  change()
  await behind.open()
  await clock.advance(90 * SECOND)
  t.deepEqual(loads, [0, 1, 3, 7, 15, 31, 61].map(at => at * SECOND))
  t.deepEqual(writes, [])
  t.is(log.length, 7)
  t.is(clock.pending, 1)

  await behind.close()
  t.is(clock.pending, 0)
  t.deepEqual(writes, [])
  await clock.advance(HOUR)
  t.is(loads.length, 7)
  await behind.open()
  await clock.advance(30 * SECOND)
  t.is(loads.length, 9)
  t.is(writes.length, 1)
})

test('finish() writes what has changed at once, and nothing that changes later', async t => {
  const { behind, clock, writes, change } = scene()
  await behind.open()
  change()
  await behind.finish()
  t.deepEqual(writes, [0])

  change()
  await clock.advance(HOUR)
  await behind.finish()
  await behind.close()
  t.deepEqual(writes, [0])
  t.is(clock.pending, 0)
})

test('finish() where nothing has changed writes nothing, now or later', async t => {
  const { behind, clock, writes, change } = scene({ delay: 0 })
  await behind.open()
  await behind.finish()
  change()
  await clock.advance(HOUR)
  await behind.close()
  t.deepEqual(writes, [])
})

test('finish() waits for the write in flight, and writes what has changed since', async t => {
  let end = (): void => {}
  const { behind, writes, change } = scene({ delay: 0, write: async attempt => attempt === 1 ? new Promise<void>(resolve => { end = resolve }) : undefined })
  await behind.open()
  change()
  await settled()
  change()
  const finished = behind.finish()
  await settled()
  t.is(writes.length, 1)
  end()
  await finished
  t.is(writes.length, 2)
})

test('finish() before all is read writes once, when it is, and resolves then', async t => {
  const { behind, clock, writes, change } = scene({ delay: 0, load: async attempt => { if (attempt === 1) { throw new Error('busy') } } })
  await behind.open()
  change()
  await clock.until(behind.finish())
  t.deepEqual([writes, clock.now()], [[SECOND], SECOND])
  change()
  await clock.advance(HOUR)
  t.deepEqual(writes, [SECOND])
})

test('finish() resolves after 10 s where not all can be read', async t => {
  const { behind, clock, writes, change } = scene({ delay: 0, load: async () => { throw new Error('busy') } })
  await behind.open()
  change()
  await clock.until(behind.finish())
  t.deepEqual([writes, clock.now()], [[], 10 * SECOND])
  await clock.until(behind.close())
  t.is(clock.pending, 0)
})

test('finish() resolves at once where nothing was ever read, and when it is closed before all is read', async t => {
  const never = scene()
  await never.behind.finish()
  t.is(never.clock.now(), 0)

  const { behind, clock } = scene({ load: async () => { throw new Error('busy') } })
  await behind.open()
  const finished = behind.finish()
  await clock.until(behind.close())
  await finished
  t.deepEqual([clock.now(), clock.pending], [0, 0])
})

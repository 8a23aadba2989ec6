import test from 'ava'
import { UnreadReminder } from '../../src/bans/unread-reminder.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import type { Logger } from '@libp2p/interface'

const MINUTE = 60_000

test('logs immediately and each minute why bans are unread, until stop() or until they are read', async t => {
  const clock = new VirtualClock()
  const log: string[] = []
  let why: Error | undefined = new Error('locked')
  const reminder = new UnreadReminder(clock, { error: (...parts: unknown[]) => { log.push(parts.join(' ')) } } as unknown as Logger, () => why)
  reminder.start()
  reminder.start()
  t.deepEqual(log, ['the node dials without the bans of its datastore - %e Error: locked'])
  await clock.advance(3 * MINUTE)
  t.is(log.length, 4)
  reminder.stop()
  t.is(clock.pending, 0)

  reminder.start()
  t.is(log.length, 5)
  why = undefined
  await clock.advance(MINUTE)
  t.deepEqual([log.length, clock.pending], [5, 0])
  reminder.start()
  t.deepEqual([log.length, clock.pending], [5, 0])
})

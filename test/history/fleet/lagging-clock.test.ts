import test from 'ava'
import { History } from '../../../src/history/history.ts'
import { DateClock } from '../../../src/pipeline/date-clock.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'
import { attempt, connects, EVEN, HOUR, MINUTE } from '../learning.ts'
import { beliefIn, node, one, two } from './fleet.ts'

/** A node that has slept since its start, for which its clock stood still */
function sleeper (slept: number): { clock: VirtualClock, history: History, sleep (ms: number): void } {
  const clock = new VirtualClock(1_000_000_000)
  let ahead = slept

  return { clock, history: new History(clock, EVEN, new DateClock(clock, () => clock.now() + ahead)), sleep: ms => { ahead += ms } }
}

/** Returns the export of a member that has dialled `one`, on a clock that is `ahead` milliseconds ahead */
async function textOf (ahead: number): Promise<string> {
  const { history, tell } = node(new VirtualClock(1_000_000_000 + ahead))
  tell(two, connects)
  tell(one, connects)

  return history.export()
}

test('a node that has slept merges the texts of others, and dates them like one that has not', async t => {
  const { clock, history } = sleeper(HOUR)
  t.is(await history.merge(await textOf(HOUR)), 2)
  const awake = node()
  await awake.history.merge(await textOf(0))
  t.deepEqual(beliefIn({ clock, history, tell: () => {} }, one), beliefIn(awake, one))
})

test('a node that has slept still refuses a text of more than ten minutes in the future', async t => {
  await t.throwsAsync(sleeper(HOUR).history.merge(await textOf(HOUR + 11 * MINUTE)), { name: 'InvalidParametersError', message: /set the clocks of the fleet/ })
})

test('a text counts once, whenever the node sleeps, and a newer one counts after a sleep', async t => {
  const { history, sleep } = sleeper(HOUR)
  const text = await textOf(HOUR)
  await history.merge(text)
  sleep(8 * HOUR)
  t.is(await history.merge(text), 0)
  t.is(await history.merge(await textOf(2 * HOUR)), 2)
})

test('an export of a node that has slept has the date of the others', async t => {
  const { clock, history } = sleeper(HOUR)
  attempt(history, clock.now(), two, connects)
  attempt(history, clock.now(), one, connects)
  const { at, peers: [peer] } = JSON.parse(await history.export())
  t.is(at, 1_000_000_000 + HOUR)
  t.is(peer[1][2], 0)
})

import test from 'ava'
import { adaptive } from '../../presets/index.ts'
import { leftOpen, openHandles } from '../helpers/open-handles.ts'
import { until } from '../helpers/until.ts'
import { dialling, listening } from './kit.ts'

test('the watchers of a dialer set no timer that keeps the process alive', async t => {
  const before = openHandles()
  await listening(t, { listen: [] })
  const { Timeout: timers = 0 } = leftOpen(before)
  const beside = openHandles()
  await dialling(t, adaptive(), { listen: [] })
  t.is(await until(() => leftOpen(beside).Timeout ?? 0, count => count <= timers), timers)
})

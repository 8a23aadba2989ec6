import test from 'ava'
import { MemoryDatastore } from 'datastore-core'
import { staggered } from '../../presets/index.ts'
import { decodeRecord } from '../../src/datastore/record-format.ts'
import { until } from '../helpers/until.ts'
import { dialling } from './kit.ts'
import type { Pair } from 'interface-datastore'

const DAY = 86_400_000

// in a file of its own: the dates of this process stay ahead
test('an idle node moves the stored ends of its bans when the system time is corrected', async t => {
  const datastore = new MemoryDatastore()
  const { now } = Date
  t.teardown(() => { Date.now = now })
  const { services: { dialer } } = await dialling(t, staggered(), { datastore, listen: [], dialerInit: { bans: { persist: true } } })
  await dialer.ban('203.0.113.0/24', { for: DAY })

  /** Returns the stored end of the ban */
  const end = (): number => {
    const [record] = datastore.query({ prefix: '/dial-pipeline/bans/' }) as Iterable<Pair>
    const [[, , stored]] = record == null ? [[]] : decodeRecord(1, record.key.toString(), record.value) as Array<[string, number, number]>

    return stored ?? 0
  }

  const before = await until(end, stored => stored > 0)
  Date.now = () => now() + 10 * DAY
  const after = await until(end, stored => stored > before)
  t.true(Math.abs(after - before - 10 * DAY) < 30_000)
})

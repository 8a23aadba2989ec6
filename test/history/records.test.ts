import test from 'ava'
import { RecordTables } from '../../src/history/record-tables.ts'
import { AddressRecord, KindRecord, LONG, SHORT } from '../../src/history/records.ts'
import { Snapshots } from '../../src/history/snapshots.ts'
import { HOUR, MINUTE } from './learning.ts'

for (const [level, max] of [['addresses', 10_000], ['peers', 10_000], ['prefixes', 2_000], ['classes', 256], ['sources', 64], ['kinds', 4]] as const) {
  test(`the table of ${level} keeps the newest half when it has ${max}`, t => {
    const tables = new RecordTables(() => {})
    const records = tables[level] as { set (key: string, value: unknown): void, [Symbol.iterator] (): Iterator<unknown> }
    const put = (from: number, to: number): string[] => {
      for (let n = from; n < to; n++) {
        records.set(`${n}`, {})
      }

      return [...tables[level]].map(([key]) => key)
    }

    t.is(put(0, max - 1).length, max - 1)
    t.deepEqual(put(max - 1, max), Array.from({ length: max / 2 }, (_, n) => `${max / 2 + n}`))
  })
}

test('evidence of addresses and peers decays by half in six hours, of classes and prefixes in ten minutes', t => {
  t.deepEqual([LONG, SHORT], [6 * HOUR, 10 * MINUTE])
})

test('a kind counts up to 256 silent prefixes, and remembers fewer than 256 that answered', t => {
  const kind = new KindRecord()
  Array.from({ length: 255 }, (_, n) => { kind.failed(`${n}`, 0) })
  t.deepEqual([kind.silent.size, [...kind.propagated].length], [255, 255])
  kind.failed('255', 0)
  t.deepEqual([kind.silent.size, [...kind.propagated].length], [256, 128])
  kind.failed('256', 0)
  t.is(kind.silent.size, 256)
})

test('a copied kind remembers which prefixes answered', t => {
  const kind = new KindRecord()
  kind.failed('one', 0)
  const copy = kind.copy()
  copy.failed('one', 0)
  copy.failed('two', 0)
  t.deepEqual([kind.path(0), copy.path(0)], [{ successes: 0, failures: 1, failuresInARow: 1 }, { successes: 0, failures: 2, failuresInARow: 2 }])
})

test('snapshots hold 10,000 records, and a released place can be used again', t => {
  const tables = new RecordTables(() => {})
  const snapshots = new Snapshots(tables)
  const isSaved = (address: string): boolean => {
    tables.addresses.set(address, new AddressRecord())

    return snapshots.get('addresses', address) === undefined
  }

  Array.from({ length: 10_000 }, (_, n) => { snapshots.save({ address: `${n}` }) })
  snapshots.save({ address: 'late' })
  t.deepEqual([isSaved('9999'), isSaved('late')], [true, false])
  snapshots.delete('addresses', '0')
  snapshots.save({ address: 'later' })
  snapshots.save({ address: 'last' })
  t.deepEqual([isSaved('later'), isSaved('last')], [true, false])
})

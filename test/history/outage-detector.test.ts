import test from 'ava'
import { OutageDetector } from '../../src/history/outage.ts'

for (const [hosts, ms, isOutage] of [[3, 3_000, true], [3, 2_999, false], [2, 3_000, false]] as const) {
  test(`silence of ${hosts} proven hosts for ${ms} ms is ${isOutage ? 'an' : 'no'} outage when bytes arrive`, t => {
    const detector = new OutageDetector()
    Array.from({ length: hosts }, (_, n) => { detector.recordFailure({ address: `${n}`, host: `${n}`, startedAt: 1_000 + n, isProven: true }) })
    t.is(detector.recordSign(() => ({ by: 'bytes' }), 1_000 + ms), isOutage)
    t.false(detector.isSuspected)
    // a new silent period starts
    t.false(detector.recordSign(() => ({ by: 'connection' }), 100_000))
  })
}

test('a sign of the network ends a silent period, also after a single failed attempt', t => {
  const detector = new OutageDetector()
  const fail = (name: string, startedAt: number): void => { detector.recordFailure({ address: name, host: name, startedAt, isProven: true }) }
  fail('one', 0)
  t.true(detector.isSuspected)
  t.false(detector.recordSign(() => ({ by: 'bytes' }), 10_000))
  t.false(detector.isSuspected)
  ;['one', 'two', 'three'].forEach(name => { fail(name, 19_000) })
  t.false(detector.recordSign(() => ({ by: 'bytes' }), 20_000), 'one second is no outage')
})

test('a peer or host that answers elsewhere is not part of an outage', t => {
  const isOutage = (sign: { address: string, host: string, peer?: string }): boolean => {
    const detector = new OutageDetector()
    ;['one', 'two', 'three'].forEach(name => { detector.recordFailure({ address: `address ${name}`, host: `host ${name}`, peer: `peer ${name}`, startedAt: 0, isProven: false }) })

    return detector.recordSign(() => ({ by: 'dial', ...sign }), 10_000)
  }

  t.true(isOutage({ address: 'another', host: 'another', peer: 'another' }))
  t.true(isOutage({ address: 'another', host: 'another' }))
  t.false(isOutage({ address: 'another', host: 'another', peer: 'peer one' }))
  t.false(isOutage({ address: 'another', host: 'host one', peer: 'another' }))
})

for (const [peers, isProven, isOutage] of [[1, false, false], [1, true, true], [2, false, false], [3, false, true]] as const) {
  test(`silence of ${isProven ? 'proven' : 'new'} hosts of ${peers === 1 ? 'one peer' : `${peers} peers`} is ${isOutage ? 'an' : 'no'} outage when another peer answers`, t => {
    const detector = new OutageDetector()
    Array.from({ length: 6 }, (_, n) => { detector.recordFailure({ address: `${n}`, host: `${n}`, peer: `peer ${n % peers}`, startedAt: 0, isProven }) })
    t.is(detector.recordSign(() => ({ by: 'dial', address: 'another', host: 'another', peer: 'another' }), 10_000), isOutage)
  })
}

test('an outage remembers 256 failed addresses', t => {
  for (const [others, isOutage] of [[254, true], [255, false]] as const) {
    const detector = new OutageDetector()
    const fail = (address: string, host: string): void => { detector.recordFailure({ address, host, startedAt: 0, isProven: true }) }
    Array.from({ length: others }, (_, n) => { fail(`${n}`, 'one') })
    fail('two', 'two')
    fail('three', 'three')
    t.is(detector.recordSign(() => ({ by: 'bytes' }), 10_000), isOutage)
  }
})

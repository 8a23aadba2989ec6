import test from 'ava'
import { Contributions, FleetEvidence } from '../../../src/history/fleet/fleet-evidence.ts'
import { Outcomes } from '../../../src/history/statistics.ts'
import { LONG } from '../../../src/history/records.ts'
import type { PeerRow } from '../../../src/history/fleet/shared-text.ts'

test('four fleet members are remembered for each address, and a fifth evicts the least recent', t => {
  const contributions = new Contributions()
  const say = (member: string, successes: number, at: number): boolean => {
    const outcomes = new Outcomes(LONG)
    outcomes.add(successes, 0, at)

    return contributions.set(member, outcomes, at)
  }
  const all = (): number => Math.round(contributions.posterior(0, 1, 100) * 1_000) / 1_000

  t.is(contributions.posterior(0.3, 2, 100), 0.3)
  t.deepEqual([say('a', 0.1, 50), say('b', 0.2, 20), say('c', 0.3, 30), say('d', 0.4, 40)], [true, true, true, true])
  t.is(all(), 0.5)
  t.false(say('a', 9, 50), 'no newer than before')
  t.false(say('e', 9, 20), 'no newer than the oldest')
  t.true(say('e', 0.5, 21))
  // 1.3 successes of 2.3
  t.is(all(), 0.565)
  const tied = new Contributions()
  ;['a', 'b', 'c', 'd', 'e'].forEach((member, i) => {
    const outcomes = new Outcomes(LONG)
    const at = i < 2 ? 20 : 30 + i
    outcomes.add(i === 0 ? 1 : 0, 0, at)
    tied.set(member, outcomes, at)
  })
  t.is(tied.posterior(0, 1, 100), 0, 'of two that are as old the first goes')
  t.true(say('d', 9, 60))
  // 2 own observations at most, of 3
  t.is(all(), 0.667)
})

test('fleet evidence of fewer than 10,000 peers and addresses is kept', t => {
  const evidence = new FleetEvidence()
  const merge = (from: number, to: number): number => {
    const peers = Array.from({ length: to - from }, (_, n): PeerRow => [`${from + n}`, [1, 0, 0], [['/ip4/7.7.7.7/tcp/1', 1, 0, 0]]])
    evidence.merge({ member: 'one', at: 0, peers }, 0, 0)

    return [...evidence.addresses].length + [...evidence.peers].length
  }

  t.is(merge(0, 9_999), 2 * 9_999)
  t.is(merge(9_999, 10_000), 10_000)
})

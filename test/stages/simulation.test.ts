import test from 'ava'
import { measure } from '../../bench/simulate/measure.ts'
import { families } from '../../bench/simulate/families.ts'
import { summaryOf } from '../../bench/simulate/summary.ts'
import { adaptive, aggressive, frugal, staggered } from '../../presets/index.ts'
import { dose } from '../support/dose.ts'
import type { SimulatedDialer } from '../../bench/simulate/dialers.ts'
import type { Family } from '../../bench/simulate/families.ts'
import type { Summary } from '../../bench/simulate/summary.ts'

const FIXED = { name: 'fixed', pipeline: staggered() }

async function outcome (family: string, dialer: SimulatedDialer, peers = 100): Promise<Summary> {
  const found = families.find(({ name }) => name === family) as Family

  return summaryOf(await measure({ family: found, dialer, peers, seed: 1 }))
}

test('with history, oddsPace() is faster than a fixed delay of 250 ms, with a bounded number of attempts', async t => {
  const bounds = [['IPv6 broken', 0.5, 0.5], ['S3', 0.5, 1.5], ['S1', 0.95, 0.9], ['offline 40, stale', 0.7, 1.3], ['one host', 0.95, 0.9], ['perhaps behind a NAT', 0.8, 1]] as const

  for (const [name, faster, fewer] of bounds.slice(0, dose(6, 2))) {
    const fixed = await outcome(name, FIXED)
    const odds = await outcome(name, { name: 'odds', pipeline: frugal(), knows: 'peers' })

    t.true(odds.mean <= fixed.mean * faster, `${name}: ${odds.mean} ms, not ${fixed.mean}`)
    t.true(odds.attempts <= fixed.attempts * fewer, `${name}: ${odds.attempts} attempts, not ${fixed.attempts}`)
  }
})

test('adaptive() on a new node is at most 5 % slower than a fixed delay in each family of networks except S6', async t => {
  // without S6, where libp2p's order puts the good transport first. In S5, a node that dials both at once has twice the necessary attempts
  for (const { name } of families.filter(({ name }) => name !== 'S6').slice(0, dose(families.length, 6))) {
    const fixed = await outcome(name, FIXED, 40)
    const cold = await outcome(name, { name: 'cold', pipeline: adaptive() }, 40)

    t.true(cold.mean <= fixed.mean * 1.05, `${name}: ${cold.mean} ms, not ${fixed.mean}`)
  }
})

test('frugal(), adaptive() and aggressive() make increasingly more attempts, and take increasingly less time', async t => {
  for (const name of ['S3', 'one host', 'S1', 'offline 40, stale'].slice(0, dose(4, 2))) {
    const [few, usual, many] = await Promise.all([frugal(), adaptive(), aggressive()].map(async pipeline => outcome(name, { name: 'any', pipeline })))

    t.true((few?.attempts ?? NaN) <= (usual?.attempts ?? NaN) && (usual?.attempts ?? NaN) <= (many?.attempts ?? NaN), name)
    t.true((few?.mean ?? NaN) >= (usual?.mean ?? NaN) && (usual?.mean ?? NaN) >= (many?.mean ?? NaN), name)
  }
})

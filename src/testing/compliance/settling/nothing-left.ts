import { expect } from '../rule.ts'
import { connectionTo } from './connection.ts'
import type { Bench } from '../bench.ts'

/** What it has taken from the race is yielded, or given back */
export async function nothingLeft (bench: Bench): Promise<void> {
  const [a, b, c] = bench.three
  const trial = bench.begin({ takes: 1 })
  const given = [await connectionTo(trial, a), await connectionTo(trial, b), await connectionTo(trial, c)]
  given.forEach(one => { trial.upstream.give(one) })
  await trial.pass(100)
  trial.checkAlive()
  trial.leave()
  await trial.settle()
  const lost = given.filter(one => trial.upstream.taken.includes(one) && !trial.connections.includes(one) && one.status === 'open')

  expect(lost.length === 0, `it was left, and ${lost.length} connections that it had taken are neither yielded nor given back`)
}

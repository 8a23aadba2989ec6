import { expect } from '../rule.ts'
import { connectionTo } from './connection.ts'
import type { Bench } from '../bench.ts'
import type { Connection } from '@libp2p/interface'

/** What it has taken from the race is yielded, or given back */
export async function nothingLeft (bench: Bench): Promise<void> {
  for (const takes of [1, Infinity]) {
    const trial = bench.begin({ takes })
    const given: Connection[] = []

    for (const one of bench.three) {
      const connection = await connectionTo(trial, one)
      given.push(connection)
      trial.upstream.give(connection)
    }

    await trial.pass(100)
    trial.checkAlive()
    trial.leave()
    await trial.settle()
    const lost = given.filter(one => trial.upstream.taken.includes(one) && !trial.connections.includes(one) && one.status === 'open')
    expect(lost.length === 0, `it was left, and ${lost.length} connections that it had taken are neither yielded nor given back`)
  }
}

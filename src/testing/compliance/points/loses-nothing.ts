import { connectionTo } from '../life.ts'
import { passesConnections } from '../rule.ts'
import { expect } from '../violation.ts'
import type { Point } from '../rule.ts'
import type { Connection } from '@libp2p/interface'

export const losesNothing: Point = {
  title: 'what it has taken from the race is passed on, or given back',
  holdsFor: passesConnections,
  check: async bench => {
    for (const takes of [1, Infinity]) {
      const trial = bench.begin({ takes })
      const given: Connection[] = []

      for (const one of bench.three) {
        const connection = await connectionTo(trial, one)
        given.push(connection)
        trial.upstream.give(connection)
      }

      await trial.pass(100)
      trial.leave()
      await trial.settle()
      const lost = given.filter(one => trial.upstream.taken.includes(one) && !trial.connections.includes(one) && one.status === 'open')
      expect(lost.length === 0, `it was left, and ${lost.length} connections that it had taken are neither yielded nor given back: dial.discard() gives one back`)
    }
  }
}

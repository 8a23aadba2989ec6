import { connectionTo } from '../lifecycle.ts'
import { passesConnections } from '../point.ts'
import { expect } from '../violation.ts'
import type { Point } from '../point.ts'
import type { Connection } from '@libp2p/interface'

export const losesNothing: Point = {
  title: 'the stage yields or discards each connection that it has taken when the dial ends',
  holdsFor: passesConnections,
  check: async harness => {
    for (const takes of [1, Infinity]) {
      const run = harness.begin({ takes })
      const given: Connection[] = []

      for (const one of harness.three) {
        const connection = await connectionTo(run, one)
        given.push(connection)
        run.upstream.give(connection)
      }

      await run.pass(100)
      run.leave()
      await run.settle()
      const lost = given.filter(one => run.upstream.taken.includes(one) && !run.connections.includes(one) && one.status === 'open')
      expect(lost.length === 0, `the dial ended, and ${lost.length} connections that the stage had taken are neither yielded nor discarded: call dial.discard() for each`)
    }
  }
}

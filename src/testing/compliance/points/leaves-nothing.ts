import { show } from '../differences.ts'
import { momentsOf } from '../moments.ts'
import { anyStage } from '../point.ts'
import { expect } from '../violation.ts'
import type { Point } from '../point.ts'
import type { StageRun } from '../stage-run.ts'

export const leavesNothing: Point = {
  title: 'nothing remains after the dial: no timer, listener, attempt or connection',
  holdsFor: anyStage,
  check: async harness => {
    for (const moment of momentsOf(harness)) {
      const run = harness.begin({ takes: moment.takes })
      await moment.reach(harness, run)
      run.leave()
      await run.settle()
      checkNothingLeft(run, `the dial ended ${moment.name}, and`)
    }

    // some transports connect although their signal has aborted
    const late = harness.begin()
    late.host.ignoresSignal = true
    late.script(harness.candidates, { connects: 500 })
    late.give({ candidates: harness.candidates })
    await late.pass(100)
    late.leave()
    await late.rest()
    checkNothingLeft(late, 'the dial ended before a transport connected that ignores its signal, and')
  }
}

/** @throws Violation if a timer, listener, attempt or connection of the stage remains */
function checkNothingLeft ({ clock, listeners, upstream, host, network, outputs }: StageRun, when: string): void {
  const flying = host.attempts.filter(({ endedAt, signal }) => endedAt == null && !signal.aborted)
  const yielded = new Set(outputs.map(({ value }) => value))
  const open = network.open.filter(connection => !yielded.has(connection) && !upstream.given.includes(connection))

  expect(flying.length === 0, `${when} an attempt goes on: ${show(flying.map(({ candidate }) => candidate))}`)
  expect(open.length === 0, `${when} ${open.length} connections are open that the stage did not yield, the first to ${open[0]?.remoteAddr.toString()}`)
  expect(clock.pending === 0, `${when} ${clock.pending} timers of the stage are still set`)
  expect(listeners === 0, `${when} ${listeners} listeners of the stage are still on the signal`)
  expect(upstream.open === 0, `${when} the connections from above are not closed: return from the iteration`)
}

import { expect } from '../rule.ts'
import { momentsOf } from './leaving.ts'
import type { Bench } from '../bench.ts'
import type { Trial } from '../trial.ts'

/** @throws Violation when something of the stage is there still */
export function checkNothingLeft (trial: Trial, when: string): void {
  const { clock, listeners, upstream, host, network, outputs } = trial
  const flying = host.attempts.filter(({ endedAt, signal }) => endedAt == null && !signal.aborted)
  const yielded = new Set(outputs.map(({ value }) => value))
  const open = network.open.filter(connection => !yielded.has(connection))

  expect(flying.length === 0, `${when} an attempt goes on: ${flying.map(({ candidate }) => candidate.id).join(', ')}`)
  expect(open.length === 0, `${when} a connection is open that nobody was given: ${open.map(({ remoteAddr }) => remoteAddr.toString()).join(', ')}`)
  expect(clock.pending === 0, `${when} ${clock.pending} of its timers are set`)
  expect(listeners === 0, `${when} ${listeners} of its listeners are on the signal`)
  expect(upstream.open === 0, `${when} its source is not closed`)
}

export async function nothingAfterLeaving (bench: Bench): Promise<void> {
  for (const moment of momentsOf(bench)) {
    const trial = bench.begin({ takes: moment.takes })
    await moment.reach(bench, trial)
    trial.leave()
    await trial.settle()
    checkNothingLeft(trial, `The dial was left ${moment.name}, and`)
  }
}

export async function nothingAfterTheEnd (bench: Bench): Promise<void> {
  const trial = bench.begin()
  trial.script(bench.candidates, { refuses: 20 })

  if (bench.from !== 'connections') {
    trial.give({ candidates: bench.candidates })
    await trial.rest()
  }

  trial.upstream.end()
  await trial.rest()
  trial.checkAlive()

  // one that does not end breaks another point
  if (trial.ended) {
    checkNothingLeft(trial, 'It has ended, and')
  }
}

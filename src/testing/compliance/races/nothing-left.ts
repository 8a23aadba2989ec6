import { checkNothingLeft } from '../any/nothing-left.ts'
import { every } from '../../../pipeline/pace.ts'
import { all, expect } from '../rule.ts'
import { attemptsOf, dialled } from './look.ts'
import type { Bench } from '../bench.ts'

/** The one that is preferred is in flight still when another wins */
async function afterAWin (bench: Bench): Promise<void> {
  for (const takes of [1, Infinity]) {
    const [a, b, c] = bench.three
    const trial = bench.begin({ takes })
    trial.script(bench.candidates, { connects: 5_000 })
    trial.script([b], { connects: 300 })
    trial.give({ candidates: [a, b, c], pace: every(100) })
    await trial.firstOutput()
    trial.checkAlive()
    expect(trial.outputs.length > 0, `${b.id} answers, and there is no connection. It dialled ${dialled(trial)}`)

    if (takes !== 1) {
      await trial.rest()
    }

    trial.leave()
    await trial.settle()
    checkNothingLeft(trial, takes === 1 ? 'It was left with the first connection, and' : 'The race is over, and')
  }
}

/** What stands behind the winner is not worth an attempt any more */
async function onlyWhatImproves (bench: Bench): Promise<void> {
  if (bench.from !== 'candidates' || bench.fixture.reorders === true) {
    return
  }

  const [a, b, c] = bench.three
  const trial = bench.begin()
  trial.script([a, c], { connects: 5_000 })
  trial.script([b], { connects: 50 })
  trial.give({ candidates: [a, b, c], pace: every(100) })
  await trial.pass(4_000)
  trial.checkAlive()
  expect(attemptsOf(trial, c).length === 0, `${b.id} had won, and it started ${c.id}, which stands behind that`)
}

/** Some transports ignore their signal, and connect when nobody wants it */
async function afterALateConnection (bench: Bench): Promise<void> {
  const trial = bench.begin()
  trial.host.ignoresSignal = true
  trial.script(bench.candidates, { connects: 500 })
  trial.give({ candidates: bench.candidates })
  await trial.pass(100)
  trial.leave()
  await trial.rest()
  checkNothingLeft(trial, 'It was left before a transport connected that ignores its signal, and')
}

export const nothingLeft = all(afterAWin, onlyWhatImproves, afterALateConnection)

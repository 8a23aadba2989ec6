import test from 'ava'
import { checkedPredicate } from '../../../src/pipeline/authoring/list-stage.ts'
import { onlyIfNone, pipelineOf, prefer, when } from '../../../src/pipeline/index.ts'
import { dialable } from '../../../src/stages/dialable.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { race } from '../../../src/stages/race.ts'
import { address } from '../../helpers/address.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import type { AnyStage } from '../../../src/pipeline/types.ts'

test('checkedPredicate() returns true and false unchanged', t => {
  t.true(checkedPredicate('odd', () => true)())
  t.false(checkedPredicate('odd', () => false)())
})

const STAGES: ReadonlyArray<[string, (answer: any) => AnyStage, string]> = [
  ['prefer', answer => prefer(() => answer), 'has a predicate that'],
  ['only-if-none', answer => onlyIfNone(() => answer), 'has a predicate that'],
  ['dialable', answer => when(() => answer, dialable()), 'stands in a when() whose predicate']
]

for (const [name, make, owns] of STAGES) {
  for (const [answer, words] of [[undefined, 'undefined'], [1, '1'], ['yes', "'yes'"], [null, 'null'], [{}, 'an object with no properties']] as const) {
    test(`the dial fails and dials nothing when the predicate of "${name}" returns ${words}`, async t => {
      const { engine, clock, network } = engineWorld(pipelineOf([fromCaller(), make(answer), race()]) as any, { 1: { connects: 10 } })
      const message = `Stage "${name}" ${owns} answered ${words}: a predicate answers true or false`

      await t.throwsAsync(clock.until(engine.dial(address(1, await newPeer()))), { name: 'InvalidStageOutputError', message })
      t.deepEqual(network.dialled, [])
    })
  }
}

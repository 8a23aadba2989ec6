import { inspect } from 'node:util'
import test from 'ava'
import { pipeline } from '../../src/pipeline/index.ts'
import { certified, fallback, fromCaller, fromKnown, provenance, race, timeout } from '../../src/stages/index.ts'

test('console.log() of a pipeline shows its stages in order, with nested ones indented', t => {
  const shown = pipeline('mine', pipeline('known', fromKnown(), certified()), fromCaller(), provenance(), fallback(timeout(100, race()), race()))

  t.is(inspect(shown), `mine {
  known {
    from-known
    certified
  }
  from-caller
  provenance (dial options: provenance)
  fallback {
    timeout {
      race
    }
    race
  }
}`)
})

test('console.log() of an edited pipeline shows the edited stages', t => {
  t.is(inspect(pipeline(fromCaller(), race()).before('race', certified())), 'pipeline {\n  from-caller\n  certified\n  race\n}')
})

test('console.log() of a pipeline beyond the depth takes one line', t => {
  t.is(inspect({ pipeline: pipeline(fromCaller(), race()) }, { depth: 0 }), '{ pipeline: [pipeline of 2 stages] }')
})

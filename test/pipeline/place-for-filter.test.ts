import test from 'ava'
import * as presets from '../../presets/index.ts'
import { checkConnects } from '../../src/dialer/dials/pipelines.ts'
import { fallback } from '../../src/pipeline/combinators/fallback.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { readDialOptions } from '../../src/pipeline/read-dial-options.ts'
import { timeout } from '../../src/pipeline/combinators/timeout.ts'
import { converge } from '../../src/stages/converge.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { fromPeerStore } from '../../src/stages/from-peer-store.ts'
import { provenance } from '../../src/stages/provenance.ts'
import { race } from '../../src/stages/race.ts'
import { resolve } from '../../src/stages/resolve.ts'
import type { ExecutionContext } from 'ava'
import type { AnyStage, DialPipeline } from '../../src/pipeline/types.ts'

const careful = { provenance: ['certified'] }

/** Does what the error says, and dials with the option again */
function follow (t: ExecutionContext, given: any): AnyStage[] {
  const { message } = t.throws(() => readDialOptions(careful, given), { name: 'UnsupportedDialOptionError' })
  const [, edit = '', name] = /as in pipeline\.(after|before)\('([^']+)', provenance\(\)\)\./.exec(message) ?? []
  const edited: DialPipeline & { stages: AnyStage[] } = given[edit](name, provenance())

  checkConnects(edited)
  t.notThrows(() => readDialOptions(careful, edited))

  return edited.stages
}

for (const [name, make] of Object.entries<(init: any) => DialPipeline>(presets)) {
  const preset = make(name === 'fromConnectionManagerInit' ? {} : undefined)

  test(`a dial with provenance passes through ${name}()`, t => {
    t.notThrows(() => readDialOptions(careful, preset))
  })

  test(`a dial with provenance passes through ${name}(), once the edit was made that the error names where its stage is taken out`, t => {
    const without = (preset as any).without('provenance')

    // certifiedFirst() has another one
    if (without.options.includes('provenance')) {
      t.notThrows(() => readDialOptions(careful, without))
    } else {
      follow(t, without)
    }
  })
}

for (const [what, given, names] of [
  ['without resolve()', pipeline(fromCaller(), race(), converge()), ['from-caller', 'provenance', 'race', 'converge']],
  ['with resolve()', pipeline(fromCaller(), resolve(), race()), ['from-caller', 'resolve', 'provenance', 'race']],
  ['with a source below resolve()', pipeline(fromCaller(), resolve(), fromPeerStore(), race()), ['from-caller', 'resolve', 'from-peer-store', 'provenance', 'race']],
  ['with resolve() twice', pipeline(fromCaller(), resolve(), resolve(), race()), ['from-caller', 'resolve', 'resolve', 'provenance', 'race']],
  ['that ends with another one', pipeline(fromCaller(), pipeline(resolve(), race())), ['from-caller', 'provenance', 'pipeline']]
] as const) {
  test(`the error puts provenance() where it judges every address of a pipeline ${what}`, t => {
    t.deepEqual(follow(t, given).map(({ name }) => name), [...names])
  })
}

for (const [what, given] of [
  ['a fallback', fallback(pipeline(fromCaller(), race()))],
  ['a pipeline that begins with the stage that connects', pipeline(timeout(1_000, pipeline(fromCaller(), race())))],
  ['a pipeline whose race is below another one that connects', pipeline(timeout(1_000, pipeline(fromCaller(), race())), converge())]
] as const) {
  test(`the error names no edit of ${what}`, t => {
    t.throws(() => readDialOptions(careful, given), { message: /: put the stage provenance\(\) into it, above the race\. The pipeline reads none$/ })
  })
}

import test from 'ava'
import * as presets from '../../presets/index.ts'
import * as stages from '../../src/stages/index.ts'
import type { AnyStage } from '../../src/pipeline/types.ts'

/** Returns whether a value is a factory without parameters */
const isParameterless = (value: unknown): value is (...args: readonly unknown[]) => AnyStage => /^(async )?function \w+ ?\(\)/.test(String(value))
const factories = [stages, presets].map(module => Object.entries<unknown>(module).filter(([, value]) => isParameterless(value))) as Array<Array<[string, any]>>

for (const [i, kind] of ['stage', 'preset'].entries()) {
  test(`each ${kind} without parameters throws for an argument`, t => {
    t.true((factories[i]?.length ?? 0) >= 10)

    for (const [name, make] of factories[i] ?? []) {
      for (const argument of [null, 1, '1s', ['user'], {}, { x: 1 }, make()]) {
        t.throws(() => make(argument), { name: 'InvalidPipelineError', message: new RegExp(`^${name}\\(\\) takes no arguments, and was given .+: write ${name}\\(\\)$`) })
      }

      t.throws(() => make(undefined, 1), { message: /given 1: write/ })
      t.notThrows(() => make(undefined))
    }
  })
}

test('the error for an argument that is a stage names that stage', t => {
  t.throws(() => (stages.certified as any)(stages.bans()), { message: 'certified() takes no arguments, and was given the stage "bans": write certified()' })
})

for (const [what, make, message] of [
  ['provenance() with two policies', () => (stages.provenance as any)({ exclude: ['dht'] }, { exclude: ['pubsub'] }), 'provenance() takes 1 argument, and was given an object with exclude beside it: one array names all sources'],
  ['provenance() with two sources', () => (stages.provenance as any)('user', 'certified'), "provenance() takes 1 argument, and was given 'certified' beside it: one array names all sources"],
  ['stage() with a definition and options', () => (stages.stage as any)({ name: 'door', accepts: ['connections'], yields: 'connections', run: () => {} }, { options: ['tier'] }), 'stage() takes 1 argument, and was given an object with options beside it'],
  ['timeout() with two pipelines', () => (stages.timeout as any)(1_000, stages.race(), stages.requireProtocol('/chat/1')), 'timeout() takes 2 arguments, and was given the stage "require-protocol" beside them: put the stages into one pipeline(…)']
] as const) {
  test(`calling ${what} throws`, t => {
    t.throws(make, { name: 'InvalidPipelineError', message })
  })
}

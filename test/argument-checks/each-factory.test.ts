import test from 'ava'
import * as presets from '../../presets/index.ts'
import * as books from '../../src/address-book/index.ts'
import * as root from '../../src/index.ts'
import * as stages from '../../src/stages/index.ts'
import * as streams from '../../src/stream-migration/index.ts'
import * as testing from '../../src/testing/index.ts'
import * as traces from '../../src/trace/index.ts'
import { ARGUMENTS } from './arguments.ts'
import { CHECKED_FUNCTIONS } from './checked-functions.ts'
import { refusing } from './refusal.ts'

test('stages and presets throw InvalidPipelineError only', t => {
  const errors = [...Object.entries(CHECKED_FUNCTIONS).map(([name, { error }]) => [name, error]), ...Object.entries(ARGUMENTS).map(([name, [, , error]]) => [name, error])]
  const others = errors.filter(([name = '', error]) => (name.split(',')[0] ?? '') in { ...stages, ...presets } && error === refusing)

  t.deepEqual(others, [])
})

/** Exports without options, which wrong-arguments.test.ts calls */
const WITHOUT_OPTIONS = new Set(['peerOf', 'pipeline', 'scriptedComponents'])

test('each exported factory is in the table', t => {
  const checked = new Set([...Object.keys(CHECKED_FUNCTIONS), ...Object.keys(ARGUMENTS)].map(name => name.split(/[,(]/)[0]))

  for (const module of [root, stages, presets, books, streams, testing, traces]) {
    for (const [name, value] of Object.entries<unknown>(module)) {
      const isFactory = typeof value === 'function' && !/^class\b/.test(value.toString()) && !/^(async )?function \w+ \(\)/.test(value.toString())
      t.true(!isFactory || checked.has(name) || WITHOUT_OPTIONS.has(name), `${name} is missing`)
    }
  }
})

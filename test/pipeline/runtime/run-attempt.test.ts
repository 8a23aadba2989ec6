import test from 'ava'
import { candidate } from '../../../src/pipeline/candidate.ts'
import { LiveTarget } from '../../../src/pipeline/runtime/live-target.ts'
import { Part } from '../../../src/pipeline/runtime/part.ts'
import { PLACE_LEFT, RESTARTED } from '../../../src/pipeline/restarted.ts'
import { runAttempt } from '../../../src/pipeline/runtime/run-attempt.ts'
import { Story } from '../../../src/pipeline/runtime/story.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'
import { address } from '../../helpers/scripted.ts'
import type { DialHost } from '../../../src/pipeline/runtime/dial-host.ts'
import type { AttemptLayer } from '../../../src/pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

/** Runs an attempt within a layer, of which the transport fails with these errors, one after the other, and connects then */
async function fail (layer: AttemptLayer, ...errors: Error[]): Promise<{ error: unknown, outcomes: number }> {
  const target = new LiveTarget(undefined, [])
  const host: Partial<DialHost> = {
    target,
    clock: new VirtualClock(),
    timeout: 6_000,
    story: new Story(),
    attempt: async () => {
      const error = errors.shift()

      if (error != null) {
        throw error
      }

      return {} as unknown as Connection
    },
    discard: () => {}
  }
  const part = new Part(host as DialHost)
  const ends: unknown[] = []
  const onEnd = ({ error }: { error?: Error }): void => {
    checkUnknown(part)
    ends.push(error)
  }
  await runAttempt(candidate(address(1)), { signal: new AbortController().signal, layers: [layer], onEnd }, {
    part,
    stage: 'race',
    layers: [],
    policy: { stages: [], options: {} },
    onListenerError: () => {}
  })

  return { error: ends[0], outcomes: part.memory.outcomes.length }
}

/** That an attempt has ended is told before its outcome is known */
function checkUnknown ({ memory: { outcomes } }: Part): void {
  if (outcomes.length > 0) {
    throw new Error(`${outcomes.length} outcomes were known`)
  }
}

const passing: AttemptLayer = next => next
const wrapping: AttemptLayer = next => async (one, options) => next(one, options).catch((cause: unknown) => { throw new Error('wrapped', { cause }) })
const retrying: AttemptLayer = next => async (one, options) => next(one, options).catch(async () => next(one, options))
const swallowing: AttemptLayer = next => async (one, options) => next(one, options).catch(() => undefined as unknown as Connection)

for (const restart of [RESTARTED, PLACE_LEFT]) {
  for (const [what, layer] of [['no layer', passing], ['a layer with an error of its own', wrapping]] as const) {
    test(`an attempt with ${what} has no outcome when it ended with "${restart.message}"`, async t => {
      t.deepEqual(await fail(layer, restart), { error: undefined, outcomes: 0 })
    })
  }

  test(`a layer that tries again after "${restart.message}" fails with the error of the last attempt`, async t => {
    const refused = new Error('refused')

    t.deepEqual(await fail(retrying, restart, refused), { error: refused, outcomes: 1 })
  })

  test(`a layer that tries again after "${restart.message}", and refuses the connection, fails with its own error`, async t => {
    const refused = new Error('refused')
    const refusing: AttemptLayer = next => async (one, options) => {
      await retrying(next)(one, options)
      throw refused
    }

    t.deepEqual(await fail(refusing, restart), { error: refused, outcomes: 1 })
  })

  test(`a layer that answers nothing after "${restart.message}" fails with what is wrong with it`, async t => {
    const { error, outcomes } = await fail(swallowing, restart)

    t.is((error as Error).name, 'InvalidStageOutputError')
    t.is(outcomes, 1)
  })
}

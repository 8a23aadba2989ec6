import test from 'ava'
import { candidate } from '../../../src/pipeline/candidate.ts'
import { PREFIX_SLOTS_LEFT, RESTARTED } from '../../../src/pipeline/runtime/dial-host.ts'
import { layeredAttempt } from '../../../src/pipeline/runtime/layered-attempt.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'
import { address } from '../../helpers/address.ts'
import type { DialHost } from '../../../src/pipeline/runtime/dial-host.ts'
import type { AttemptLayer } from '../../../src/pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

/** Returns the error of an attempt with a layer. The transport fails with each of the errors in turn, then connects */
async function fail (layer: AttemptLayer, ...errors: Error[]): Promise<Error> {
  const host: Partial<DialHost> = {
    node: { clock: new VirtualClock(0), settings: { addressDialTimeout: 6_000 } } as unknown as DialHost['node'],
    attempt: (_, listener) => {
      const error = errors.shift()
      queueMicrotask(() => {
        if (error == null) {
          listener.onConnected({} as unknown as Connection)
        } else {
          listener.onFailed(error)
        }
      })

      return { cancel: () => {} }
    },
    discard: () => {}
  }

  return new Promise((resolve, reject) => {
    const ignore = (): void => {}
    layeredAttempt(candidate(address(1)), {
      onHeld: ignore,
      onStart: ignore,
      onFirstResponse: ignore,
      onMark: ignore,
      onConnected: () => { reject(new Error('It has connected')) },
      onFailed: resolve
    }, {
      host: host as DialHost,
      stage: 'race',
      layers: [layer],
      policies: { policyOf: () => ({ stages: [], options: {} }) },
      onListenerError: ignore
    })
  })
}

const passing: AttemptLayer = next => next
const wrapping: AttemptLayer = next => async (one, options) => next(one, options).catch((cause: unknown) => { throw new Error('wrapped', { cause }) })
const retrying: AttemptLayer = next => async (one, options) => next(one, options).catch(async () => next(one, options))
const swallowing: AttemptLayer = next => async (one, options) => next(one, options).catch(() => undefined as unknown as Connection)

for (const restart of [RESTARTED, PREFIX_SLOTS_LEFT]) {
  for (const [what, layer] of [['no error of its own', passing], ['an error of its own', wrapping]] as const) {
    test(`a layer with ${what} passes on "${restart.message}"`, async t => {
      t.is(await fail(layer, restart), restart)
    })
  }

  test(`a layer that retries after "${restart.message}" fails with the last attempt's error`, async t => {
    const refused = new Error('refused')

    t.is(await fail(retrying, restart, refused), refused)
  })

  test(`a layer that retries after "${restart.message}" and refuses the connection fails with its own error`, async t => {
    const refused = new Error('refused')
    const refusing: AttemptLayer = next => async (one, options) => {
      await retrying(next)(one, options)
      throw refused
    }

    t.is(await fail(refusing, restart), refused)
  })

  test(`a layer that returns nothing after "${restart.message}" fails with InvalidStageOutputError`, async t => {
    t.is((await fail(swallowing, restart)).name, 'InvalidStageOutputError')
  })
}

for (const [what, layer, words] of [
  ['the options', (next: any) => async (one: any) => next(one), ' and undefined'],
  ['all', (next: any) => async () => next(), 'undefined and undefined'],
  ['the listeners of the options', (next: any) => async (one: any, { signal }: any) => next(one, { signal }), 'and an object with signal']
] as const) {
  test(`a layer that forgets ${what} fails with an error that says what to write`, async t => {
    const { name, message } = await fail(layer)
    t.is(name, 'InvalidStageOutputError')
    t.true(message.startsWith('Stage "race" has a layer around its attempts that passed on '))
    t.true(message.endsWith(' where a candidate and the options of the attempt were expected: write next => (candidate, options) => next(candidate, options)'))
    t.true(message.includes(words), message)
  })
}

test('a connection that opens after its layer has failed is discarded', async t => {
  const discarded: Connection[] = []
  const late = {} as unknown as Connection
  let connect = (): void => { t.fail() }
  const host: Partial<DialHost> = {
    node: { clock: new VirtualClock(0), settings: { addressDialTimeout: 6_000 } } as unknown as DialHost['node'],
    attempt: (_, { onConnected }) => {
      connect = () => { onConnected(late) }

      return { cancel: () => {} }
    },
    discard: connection => { discarded.push(connection) }
  }
  const impatient: AttemptLayer = next => async (one, options) => {
    next(one, options).catch(() => {})
    throw new Error('gave up')
  }
  const ignore = (): void => {}
  const { message } = await new Promise<Error>(resolve => {
    layeredAttempt(candidate(address(1)), { onHeld: ignore, onStart: ignore, onFirstResponse: ignore, onMark: ignore, onConnected: ignore, onFailed: resolve }, {
      host: host as DialHost,
      stage: 'race',
      layers: [impatient],
      policies: { policyOf: () => ({ stages: [], options: {} }) },
      onListenerError: ignore
    })
  })
  t.is(message, 'gave up')

  connect()
  t.deepEqual(discarded, [late])
})

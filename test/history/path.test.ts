import test from 'ava'
import { History } from '../../src/history/history.ts'
import { blackHole } from '../../src/stages/black-hole.ts'
import { cand, said, tryOut } from '../testing/try-out.ts'
import { attempt, connects, learning, MINUTE, silent, systemError, to } from './learning.ts'
import type { Ending } from './learning.ts'
import type { ExecutionContext } from 'ava'

const WEBSOCKET = new Error('Rejected with a "error" event', { cause: { type: 'error' } })
const WRONG = Object.assign(new Error('x'), { name: 'UnexpectedPeerError' })

/** Returns an address in the nth /48 */
const ip6 = (n: number, host = 1, rest = '/tcp/1'): string => `/ip6/2a01:${n}::${host}${rest}`

const noRoute: Ending = { fails: 0, error: systemError('ENETUNREACH') }

function isHidden (t: ExecutionContext, history: History): Promise<boolean> {
  const trial = tryOut(t, blackHole(), { components: () => ({ history }) })
  trial.give({ candidates: [cand(ip6(1_000))] })

  return trial.settle().then(() => said(trial)[0] === '')
}

for (const [what, ending] of [['silence', silent], ['a missing route', noRoute]] as const) {
  test(`path() counts ${what} once for each /48 and each address`, async t => {
    const { history, attempt, clock } = learning()

    for (let n = 0; n < 24; n++) {
      attempt(to(ip6(1)), ending)
      attempt(to(ip6(1, 2 + n)), ending)
    }

    t.deepEqual(history.path('ip6'), { successes: 0, failures: 1, failuresInARow: 1 })

    for (let n = 2; n <= 20; n++) {
      attempt(to(ip6(n)), ending)
    }

    t.deepEqual(history.path('ip6'), { successes: 0, failures: 20, failuresInARow: 20 })
    t.true(await isHidden(t, history))

    // another failure makes the path's evidence recent again
    await clock.advance(10 * MINUTE)
    attempt(to(ip6(1)), ending)
    t.deepEqual(history.path('ip6'), { successes: 0, failures: 10.5, failuresInARow: 20 })
  })
}

for (const [what, ending] of [
  ['a refusal', { fails: 20, error: systemError('ECONNREFUSED') }],
  ['a handshake that fails', { fails: 80, heard: 30, error: systemError('ECONNRESET') }],
  ['another peer', { fails: 80, heard: 30, error: WRONG }],
  ['a connection', connects]
] as const) {
  test(`path() counts ${what} as proof that the path works`, async t => {
    const { history, attempt } = learning()

    for (let n = 1; n <= 24; n++) {
      attempt(to(ip6(n)), ending)
    }

    t.deepEqual(history.path('ip6'), { successes: 24, failures: 0, failuresInARow: 0 })

    for (let n = 1; n <= 19; n++) {
      attempt(to(ip6(n)), silent)
    }

    attempt(to(ip6(1)), ending)
    t.is(history.path('ip6').failuresInARow, 0)
    t.false(await isHidden(t, history))
  })
}

test('path() counts the answers of one /48 once', t => {
  const { history, attempt } = learning()

  for (let n = 1; n <= 24; n++) {
    attempt(to(ip6(1, n)), { fails: 20, error: systemError('ECONNREFUSED') })
    attempt(to(ip6(1, n)), connects)
  }

  t.deepEqual(history.path('ip6'), { successes: 1, failures: 0, failuresInARow: 0 })
})

test('path() ignores a failure without a code', t => {
  const { history, attempt } = learning()
  attempt(to(ip6(1)), silent)

  for (let n = 1; n <= 24; n++) {
    attempt(to(ip6(n, 1, '/tcp/1/ws')), { fails: 20, error: WEBSOCKET })
  }

  t.deepEqual(history.path('ip6'), { successes: 0, failures: 1, failuresInARow: 1 })
})

test('path() counts udp and ip6 separately', t => {
  const { history, attempt } = learning()
  attempt(to(ip6(1, 1, '/udp/1/quic-v1')), silent)
  attempt(to(ip6(1)), { fails: 20, error: systemError('ECONNREFUSED') })

  t.deepEqual(history.path('udp'), { successes: 0, failures: 1, failuresInARow: 1 })
  t.deepEqual(history.path('ip6'), { successes: 1, failures: 1, failuresInARow: 0 })
})

test('path() counts up to 256 silent networks', t => {
  const history = new History({ now: () => 1_000_000, setTimeout: () => () => {} })

  for (let n = 1; n <= 1_000; n++) {
    attempt(history, 1_000_000, to(ip6(n)), silent)
  }

  t.is(history.path('ip6').failuresInARow, 256)
})

test('path() counts public addresses of a kind and ignores cancelled attempts', async t => {
  const { history, attempt, clock } = learning()
  attempt(to('/ip4/7.7.7.7/udp/1/quic-v1'), silent)
  attempt(to('/ip6/2a01::1/udp/1/quic-v1'), silent)
  attempt(to('/ip6/2a01::1/tcp/1'), connects)
  attempt(to('/ip4/10.0.0.1/udp/1/quic-v1'), silent)
  attempt(to('/ip6/fd00::1/udp/1/quic-v1'), silent)
  attempt(to('/ip4/7.7.7.8/udp/1/quic-v1'), { cancelled: 6_000 })

  t.deepEqual(history.path('udp'), { successes: 0, failures: 2, failuresInARow: 2 })
  t.deepEqual(history.path('ip6'), { successes: 1, failures: 1, failuresInARow: 0 })

  await clock.advance(10 * MINUTE)
  t.deepEqual(history.path('ip6'), { successes: 0.5, failures: 0.5, failuresInARow: 0 })
})

import { queryObjects } from 'node:v8'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { DialRun } from '../../../src/dialer/dials/dial-run.ts'
import { expand, fallback, filter, pipeline, retry, source, stage, timeout } from '../../../src/pipeline/index.ts'
import { byReputation } from '../../../src/stages/by-reputation.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { race } from '../../../src/stages/race.ts'
import { address } from '../../helpers/address.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'

test('the error of a dial retains no DialRun', async t => {
  const { engine, clock } = engineWorld(pipeline(fromCaller(), race()), { 1: { refuses: 1 }, 2: { refuses: 1 } })
  const peers = await Promise.all(Array.from({ length: 20 }, newPeer))
  const errors = await clock.until(Promise.all(peers.map(async peer => engine.dial([address(1, peer), address(2, peer)]).catch((err: Error) => err))))

  t.true(errors.every(error => error instanceof AggregateError && error.stack?.includes('All multiaddr dials failed')))
  t.is(queryObjects(DialRun, { format: 'count' }), 0)
})

for (const [what, stage, message] of [
  ['a filter', filter('picky', () => { throw new TypeError('x is undefined') }), /\/ip4\/192\.0\.2\.1\/.* was dropped by picky: could not be judged: x is undefined/],
  ['a rating', byReputation(() => { throw new TypeError('x is undefined') }, { minScore: 1 }), /was dropped by by-reputation: could not be rated: x is undefined/],
  ['an expansion', expand('names', () => { throw new TypeError('x is undefined') }), /was dropped by names: names failed: x is undefined/]
] as const) {
  test(`when ${what} throws, the dial's error names the stage and address, with the thrown error as cause`, async t => {
    const { engine, clock } = engineWorld(pipeline(fromCaller(), stage, race()))
    const error = await t.throwsAsync(clock.until(engine.dial(address(1, await newPeer()))), { name: 'NoValidAddressesError', message })

    t.true(error?.cause instanceof TypeError)
  })
}

test('the error of a filter that throws has no control characters of the address or of its own error', async t => {
  const { engine, clock } = engineWorld(pipeline(fromCaller(), filter('picky', () => { throw new Error('\u001B[2J') }), race()))
  const error = await t.throwsAsync(clock.until(engine.dial(multiaddr('/dns4/\u001B[2J/tcp/1'))), { message: /picky: could not be judged/ })

  t.notRegex(error?.message ?? '', /\p{Cc}/u)
})

test('a long reason loses its middle in the error of a dial, so that the advice at its end stays', async t => {
  const reason = `refused ${'x'.repeat(200)}: write allow(host)`
  const { engine, clock } = engineWorld(pipeline(fromCaller(), filter('picky', () => reason), race()))

  await t.throwsAsync(clock.until(engine.dial(address(1, await newPeer()))), { message: /dropped by picky: refused x+…x+: write allow\(host\)/ })
})

for (const [what, connecting] of Object.entries({
  'a race': race(),
  'a race within combinators': retry(fallback(timeout(2_000, race()), race()))
})) {
  test(`the TimeoutError of a dial names the stages that ${what} still waits for`, async t => {
    const hangs = source('from-elsewhere', async () => new Promise<never>(() => {}))
    const slow = stage('slow', (_dial, work) => {
      work.after(60_000)

      return ({ candidates }) => candidates
    })
    const { engine, clock } = engineWorld(pipeline(fromCaller(), hangs, filter('picky', () => true), slow, connecting), { 1: { refuses: 1 } })

    await t.throwsAsync(clock.until(engine.dial(address(1, await newPeer()))), { name: 'TimeoutError', message: /^The operation was aborted due to timeout: still waiting for from-elsewhere, slow; \/ip4\/192\.0\.2\.1\/tcp\/4001 refused$/ })
  })
}

test('the TimeoutError of a dial that waits only for attempts names their addresses', async t => {
  const { engine, clock } = engineWorld(pipeline(fromCaller(), race({ attempt: [] })))

  await t.throwsAsync(clock.until(engine.dial(address(1, await newPeer()))), { name: 'TimeoutError', message: 'The operation was aborted due to timeout: 1 not answered in time (/ip4/192.0.2.1/tcp/4001)' })
})

test('the error of a dial without addresses names the sources that failed', async t => {
  const down = source('tracker', async () => { throw new Error('tracker down') })
  const { engine, clock } = engineWorld(pipeline(down, race()))
  const error = await t.throwsAsync(clock.until(engine.dial(await newPeer())), { name: 'NoValidAddressesError', message: /^The dial request has no valid addresses for peer: \w+ \(tracker failed: tracker down\)$/ })

  t.is((error?.cause as Error | undefined)?.message, 'tracker down')
})

test('the error of a dial names each address when several failed with one error object, which stays unchanged', async t => {
  const shared = new Error('The transport is closed')
  const { engine, clock } = engineWorld(pipeline(fromCaller(), race()), { 1: { refuses: 1, error: shared }, 2: { refuses: 1, error: shared } })
  const peer = await newPeer()
  const error = await t.throwsAsync(clock.until(engine.dial([address(1, peer), address(2, peer)])), { name: 'AggregateError' }) as AggregateError

  t.is(error.message, `All multiaddr dials failed for ${peer}: /ip4/192.0.2.1/tcp/4001 The transport is closed; /ip4/192.0.2.2/tcp/4001 The transport is closed`)
  t.deepEqual(error.errors, [shared])
  t.is(shared.message, 'The transport is closed')
})

test('each error of a failed dial names its address', async t => {
  const [one, other] = [new Error('The port is closed'), new Error('The host is down')]
  const { engine, clock } = engineWorld(pipeline(fromCaller(), race()), { 1: { refuses: 1, error: one }, 2: { refuses: 1, error: other } })
  const peer = await newPeer()

  await t.throwsAsync(clock.until(engine.dial([address(1, peer), address(2, peer)])), { name: 'AggregateError' })
  t.deepEqual([one.message, other.message], ['The port is closed (/ip4/192.0.2.1/tcp/4001)', 'The host is down (/ip4/192.0.2.2/tcp/4001)'])
})

test('the error of a dial cuts a long list of drop reasons', async t => {
  const peer = await newPeer()
  const reasons = filter('picky', ({ multiaddr }) => `because of ${multiaddr.getComponents()[0]?.value}`)
  const { engine, clock } = engineWorld(pipeline(fromCaller(), reasons, race()))
  const error = await t.throwsAsync(clock.until(engine.dial(Array.from({ length: 11 }, (_, i) => address(i + 1, peer)))))

  t.regex(error.message, /\(1 dropped by picky: because of 192\.0\.2\.1 \(.*192\.0\.2\.8 \(.*\); 3 more reasons\)$/)
})

for (const reason of [null, 'gone', 0]) {
  for (const before of [true, false]) {
    test(`a caller that aborts with ${String(reason)} ${before ? 'before the dial' : 'while it is in flight'} rejects with ${reason === null ? 'an AbortError' : 'that'}`, async t => {
      const { engine, clock } = engineWorld(pipeline(fromCaller(), race()))
      const controller = new AbortController()
      const abort = (): void => { controller.abort(reason) }

      if (before) {
        abort()
      } else {
        clock.setTimeout(abort, 10)
      }

      const peer = await newPeer()
      const result: unknown = await clock.until(engine.dial(address(1, peer), { signal: controller.signal }).then(() => 'connected', err => err))
      t.is(reason === null ? (result as Error).name : result, reason ?? 'AbortError')
      t.is(engine.dials.pending.size + engine.dials.running.size, 0)
    })
  }
}

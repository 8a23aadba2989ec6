import test from 'ava'
import { sleep } from '../../src/pipeline/clock.ts'
import { LIMIT, scene } from './inbound-scene.ts'
import type { CheckConnection } from '../../src/pipeline/connection-check.ts'

/** Counts the running checks of each peer */
function counting (ms: number): { check: CheckConnection, running: Map<string, number>, most: Map<string, number> } {
  const running = new Map<string, number>()
  const most = new Map<string, number>()
  const add = (key: string, n: number): void => {
    running.set(key, (running.get(key) ?? 0) + n)
    most.set(key, Math.max(most.get(key) ?? 0, running.get(key) ?? 0))
  }

  return {
    running,
    most,
    check: async ({ remotePeer }, { signal }, { clock }) => {
      const keys = [String(remotePeer), 'all']
      keys.forEach(key => { add(key, 1) })

      try {
        await sleep(ms, clock, signal)
      } finally {
        keys.forEach(key => { add(key, -1) })
      }

      return true
    }
  }
}

test('4 checks run at once for one peer, and other peers do not wait for it', async t => {
  const { check, most } = counting(1_000)
  const s = scene(check)
  s.verifier.start()
  Array.from({ length: 20 }, () => s.connect('flood'))
  await s.clock.advance(0)
  s.connect('other')
  await s.clock.advance(0)
  t.is(most.get('other'), 1)
  await s.clock.advance(5_000)

  // 5 rounds of 4 checks
  t.is(most.get('flood'), 4)
  t.deepEqual(s.refused, [])
  t.true(s.isIdle())
})

test('4 checks run at once for a peer that goes on connecting while checks end', async t => {
  const { check, most, running } = counting(1_000)
  const s = scene(check)
  s.verifier.start()
  Array.from({ length: 5 }, () => s.connect())
  await s.clock.advance(1_500)
  t.is(running.get('a'), 1)
  Array.from({ length: 4 }, () => s.connect())
  await s.clock.advance(0)

  t.is(most.get('a'), 4)
  await s.clock.advance(2_000)
  t.true(s.isIdle())
})

test('64 checks run at once, and the others in order of arrival', async t => {
  const { check, most } = counting(1_000)
  const started: string[] = []
  const s = scene(async (connection, ...rest) => {
    started.push(String(connection.remotePeer))

    return check(connection, ...rest)
  })
  s.verifier.start()
  const peers = Array.from({ length: 150 }, (_, i) => `peer-${i}`)
  peers.forEach(peer => s.connect(peer))
  await s.clock.advance(3_000)
  t.is(most.get('all'), 64)
  t.deepEqual(started, peers)
  t.deepEqual(s.refused, [])
  t.true(s.isIdle())
})

test('a flood of connections whose checks never settle is closed in time, with 4 checks at once', async t => {
  const { check, most } = counting(Infinity)
  const s = scene(check)
  s.verifier.start()
  Array.from({ length: 1_000 }, () => s.connect('flood'))
  await s.clock.advance(LIMIT - 1)
  t.is(s.closed.length, 0)
  await s.clock.advance(1)
  t.is(s.closed.length, 1_000)
  t.is(most.get('flood'), 4)
  t.true(s.isIdle())
})

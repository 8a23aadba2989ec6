import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { fc } from '@fast-check/ava'
import test from 'ava'
import { until } from '../helpers/until.ts'
import { dose } from '../support/dose.ts'
import { pair } from './kit/pair.ts'
import type { Ends, Pair } from './kit/pair.ts'
import type { Talker } from './kit/talker.ts'
import type { MigratableStream } from '../../src/stream-migration/index.ts'
import type { Side } from './kit/wire.ts'
import type { Connection } from '@libp2p/interface'

interface Step {
  send: [number, number]
  /** The end that pauses or resumes */
  reads: Side | undefined
  migrate: Side | 'both' | undefined
  to: number
  /** Milliseconds until the next step */
  rest: number
}

const bytes = fc.oneof(fc.nat(100), fc.nat(60_000))
const side = fc.constantFrom<Side>(0, 1)
const step: fc.Arbitrary<Step> = fc.record({
  send: fc.tuple(bytes, bytes),
  reads: fc.option(side, { nil: undefined, freq: 5 }),
  migrate: fc.option(fc.constantFrom<Side | 'both'>(0, 1, 0, 1, 'both'), { nil: undefined, freq: 8 }),
  to: fc.nat(2),
  rest: fc.nat(6)
})
const steps = fc.array(step, { minLength: 5, maxLength: 30, size: 'max' })

/** @returns the number of completed migrations */
async function run (pair: Pair, talkers: Ends<Talker>, connections: Array<Ends<Connection>>, steps: Step[]): Promise<number> {
  let moved = 0

  for (const { send, reads, migrate, to, rest } of steps) {
    for (const side of [0, 1] as const) {
      talkers[side].send(send[side])

      if (side === migrate || migrate === 'both') {
        const connection = connections[(to + side) % connections.length] as Ends<Connection>
        const moves = (talkers[side].stream as MigratableStream).connection !== connection[side]

        pair.migrate(side, talkers[side], connection).then(() => { moved += moves ? 1 : 0 }, () => {})
      }
    }

    if (reads != null) {
      talkers[reads][talkers[reads].stream.readStatus === 'paused' ? 'resume' : 'pause']()
    }

    await sleep(rest)
  }

  for (const talker of talkers) {
    talker.resume()
    talker.close()
  }

  await until(() => talkers.every(({ closed }) => closed != null), Boolean)

  return moved
}

for (const [transport, numRuns] of [['memory', dose(40, 10)], ['tcp', dose(20, 10)]] as const) {
  test(`streams move between the connections of two nodes over ${transport} with all their bytes`, async t => {
    const nodes = await pair(t, transport)
    const connections = [await nodes.connect(), await nodes.connect(), await nodes.connect()]
    let moved = 0

    await fc.assert(fc.asyncProperty(steps, async steps => {
      const [[first]] = connections as [Ends<Connection>]
      const talkers = await nodes.open(first)

      moved += await run(nodes, talkers, connections, steps)

      const [a, b] = talkers
      assert.deepEqual([a.received, a.wrong, a.closed], [b.sent, undefined, { error: undefined }])
      assert.deepEqual([b.received, b.wrong, b.closed], [a.sent, undefined, { error: undefined }])
      await until(() => nodes.left, left => left === 0)
    }), { numRuns, endOnFailure: true, includeErrorInReport: true })

    t.log(`${moved} migrations`)
    t.true(moved > numRuns)
  })

  test(`when a connection dies over ${transport}, its streams fail or both ends have all data`, async t => {
    const nodes = await pair(t, transport)
    const kept = await nodes.connect()
    let failures = 0

    await fc.assert(fc.asyncProperty(steps, side, fc.nat(1), fc.nat(60), async (steps, killer, victim, moment) => {
      const connections = [await nodes.connect(), await nodes.connect()]
      const [[first]] = connections as [Ends<Connection>]
      const talkers = await nodes.open(first)
      const killing = sleep(moment).then(() => { connections[victim]?.[killer].abort(new Error('killed')) })

      await run(nodes, talkers, connections, steps)
      await killing

      const [a, b] = talkers
      const failed = talkers.filter(({ closed }) => closed?.error != null).length
      failures += failed
      assert.deepEqual([a.wrong, b.wrong], [undefined, undefined])
      assert.ok(a.received <= b.sent && b.received <= a.sent)

      if (failed < 2) {
        assert.deepEqual([a.received, b.received], [b.sent, a.sent])
      }

      await until(() => nodes.left, left => left === 0)

      for (const [connection] of connections) {
        connection.abort(new Error('done with'))
      }
    }), { numRuns, endOnFailure: true, includeErrorInReport: true })

    t.log(`${failures} ends with an error in ${numRuns} runs`)
    t.true(failures > 0)
    t.is(kept[0].status, 'open')
  })
}

test('closing a connection fails its streams', async t => {
  const nodes = await pair(t, 'memory')
  await nodes.connect()
  const connection = await nodes.connect()
  const talkers = await nodes.open(connection[0])

  talkers[0].send(1_000)
  await connection[0].close()
  await until(() => talkers.every(({ closed }) => closed != null), Boolean)

  t.deepEqual(talkers.map(({ closed }) => closed?.error == null), [false, false])
  t.is(nodes.left, 0)
})

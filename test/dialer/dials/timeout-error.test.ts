// the error of a dial that times out names what the dial still waits for
import test from 'ava'
import { explainDial } from '../../../src/dialer/dials/explain-dial.ts'
import { filter, pipeline, retry, source, stage, timeout } from '../../../src/pipeline/index.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { race } from '../../../src/stages/race.ts'
import { address } from '../../helpers/address.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import type { AnyStage } from '../../../src/pipeline/types.ts'

const hangs = async (): Promise<never> => new Promise(() => {})
const one = '\\(/ip4/192\\.0\\.2\\.1/tcp/4001\\)'

const check: AnyStage = stage({
  name: 'check',
  accepts: ['connections'],
  yields: 'connections',
  run: async function * (connections) {
    for await (const connection of connections) {
      await hangs()
      yield connection
    }
  }
})

for (const [what, whole, { firstResponse, ...connectionGater }, words, rows] of [
  ['a source within timeout()', timeout(500, pipeline(fromCaller(), source('registry', hangs), race())), {}, `No connection after 500 ms: still waiting for registry \\(1 not answered in time ${one}\\)$`, /registry .* awaited since 0 ms/],
  ['a filter within timeout()', timeout(500, pipeline(fromCaller(), filter('picky', hangs), race())), {}, `No connection after 500 ms: still waiting for picky \\(1 not tried ${one}\\)$`, /held by picky/],
  ['an address within timeout()', timeout(500, pipeline(fromCaller(), race())), {}, `No connection after 500 ms \\(1 not answered in time ${one}\\)$`, /500 ms cancelled$/],
  ['an address that the gater has not judged', pipeline(fromCaller(), race()), { denyDialMultiaddr: hangs }, `timeout: 1 waiting for the connection gater ${one}$`, /10000 ms cancelled at the connection gater$/],
  ['a peer that the gater has not judged', pipeline(fromCaller(), race()), { denyDialPeer: hangs }, 'timeout: still waiting for connectionGater\\.denyDialPeer\\(\\)$', /0 addresses/],
  ['a stage below the race', pipeline(fromCaller(), race(), check as any), { firstResponse: 5 }, `timeout: still waiting for check; 1 connected, but not passed on ${one}$`, /10 ms CONNECTED$/]
] as ReadonlyArray<[string, any, Record<string, any>, string, RegExp]>) {
  test(`the TimeoutError of a dial and explain() name ${what}`, async t => {
    const { engine, clock } = engineWorld(whole, { 1: firstResponse == null ? 'silent' : { connects: 10 } }, { connectionGater })
    const error = await t.throwsAsync(clock.until(engine.dial(address(1, await newPeer()))), { name: 'TimeoutError', message: new RegExp(words) })
    const text = explainDial(engine.dials, error, { width: 400 })
    // explain() has a row for each address instead
    t.true(text.includes(`TimeoutError: ${error?.message.replace(/ \(.*/, '')}`), text)
    t.regex(text, rows)
  })
}

test('explain() of a running dial names the connection gater that an address waits for', async t => {
  const { engine, clock } = engineWorld(pipeline(fromCaller(), race()), {}, { connectionGater: { denyDialMultiaddr: hangs } })
  void engine.dial(address(1, await newPeer())).catch(() => {})
  await clock.advance(100)
  t.regex(explainDial(engine.dials, undefined, { width: 400 }), /waiting at the connection gater$/)
})

test('explain() shows that a source of an earlier run was not awaited any more', async t => {
  const { engine, clock } = engineWorld(pipeline(fromCaller(), retry(timeout(500, pipeline(source('registry', hangs), race())))))
  const error = await t.throwsAsync(clock.until(engine.dial(address(1, await newPeer()))), { name: 'TimeoutError' })
  const text = explainDial(engine.dials, error, { width: 400 })
  t.regex(text, /registry .* not answered within 500 ms\n/)
  t.regex(text, /registry .* awaited since 1500 ms\n/)
})

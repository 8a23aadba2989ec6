import test from 'ava'
import { parseBootstrapList } from '../../src/address/bootstrap-list.ts'
import { bootstrap } from '../../src/dialer/bootstrap.ts'
import { fromCaller, pipeline, race } from '../../src/stages/index.ts'
import { settled } from '../../src/testing/virtual-clock.ts'
import { engineWorld } from '../helpers/scripted.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { recordLogs } from '../libp2p/record-logs.ts'
import type { EngineWorld } from '../helpers/scripted.ts'
import type { BootstrapInit } from '../../src/dialer/bootstrap.ts'
import type { Script } from '../../src/testing/scripted-network.ts'
import type { Connection } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'

const DIAL_TIMEOUT = 10_000

interface Scene extends EngineWorld {
  /** Maximum number of simultaneous dials */
  busiest: number
  script (operator: string, script: Script): void
  run (init?: BootstrapInit): Promise<Connection[]>
  lines: string[]
  /** Operators of the dialled addresses, in order */
  operators: string[]
}

/** A list of `counts` peers for each operator, on a scripted network */
async function scene (counts: Record<string, number>): Promise<Scene> {
  const world = engineWorld(pipeline(fromCaller(), race()))
  const names = Object.entries(counts).flatMap(([operator, count]) => Array.from({ length: count }, (_, i) => `/dns4/node${i}.${operator}/tcp/1`))
  const list = parseBootstrapList(await Promise.all(names.map(async name => `${name}/p2p/${await newPeer()}`)))
  const { logger, lines } = recordLogs('')
  const log = logger.forComponent('bootstrap')
  let busy = 0

  const connectionManager = {
    getConnections: world.components.connectionManager.getConnections,
    openConnection: async (...args: Parameters<EngineWorld['engine']['dial']>) => {
      made.busiest = Math.max(made.busiest, ++busy)

      try {
        return await world.engine.dial(...args)
      } finally {
        busy--
      }
    }
  } as unknown as ConnectionManager

  const made: Scene = {
    ...world,
    busiest: 0,
    lines,
    script: (operator, script) => { names.filter(name => name.includes(`.${operator}/`)).forEach(name => { world.network.script(name, script) }) },
    run: async ({ signal = new AbortController().signal, ...init } = {}) => bootstrap(list, { ...init, signal }, { connectionManager, clock: world.clock, log, dialTimeout: DIAL_TIMEOUT }),
    get operators () { return world.network.dialled.map(address => address.replace(/^\/dns4\/node\d+\.(.*)\/tcp\/1$/, '$1')) }
  }

  return made
}

test('bootstrap connects to two live providers at once although a dead one has nearly the whole list', async t => {
  const one = await scene({ 'dead.example': 198, 'b.example': 1, 'c.example': 1 })
  one.script('b.example', { connects: 50 })
  one.script('c.example', { connects: 100 })
  const connections = await one.clock.until(one.run({ minConnections: 2 }))

  t.is(one.clock.now(), 100)
  t.is(connections.length, 2)
  t.deepEqual(one.operators.toSorted(), ['b.example', 'c.example', 'dead.example', 'dead.example'])
  await settled()
  t.is(one.clock.pending, 0)
  t.is(one.engine.dials.running.size + one.engine.dials.pending.size, 0)
})

test('bootstrap of 200 peers dials no more at once and keeps no more connections than its options say', async t => {
  const one = await scene({ 'a.example': 100, 'b.example': 60, 'c.example': 40 })
  ;['a.example', 'b.example', 'c.example'].forEach(operator => { one.script(operator, { connects: 100 }) })
  const connections = await one.clock.until(one.run())

  t.is(one.busiest, 3)
  t.is(connections.length, 4)
  t.deepEqual(one.operators.slice(0, 3).toSorted(), ['a.example', 'b.example', 'c.example'])
  await one.clock.advance(60_000)
  t.true(one.network.dialled.length <= 6)
  t.is(one.clock.pending, 0)

  const other = await scene({ 'a.example': 20 })
  other.script('a.example', { connects: 100 })
  t.is((await other.clock.until(other.run({ concurrency: 5, minConnections: 10 }))).length, 10)
  t.is(other.busiest, 5)
})

test('bootstrap retries until dead peers are back, and logs each round without a connection', async t => {
  const one = await scene({ 'a.example': 2, 'b.example': 2 })
  ;['a.example', 'b.example'].forEach(operator => { one.script(operator, { refuses: 10 }) })
  const connections = one.run()
  const counts: number[] = []

  // delays of 1, 2 and 4 s, each within 20 %
  for (const ms of [700, 600, 2_500, 5_000]) {
    await one.clock.advance(ms)
    counts.push(one.network.dialled.length)
  }

  t.deepEqual(counts, [4, 8, 12, 16])
  t.is(one.lines.length, 4)
  t.regex(one.lines[0] ?? '', /^bootstrap\(\) connected to none of 4 peers, and tries them again after \d+ ms\. /)
  ;['a.example', 'b.example'].forEach(operator => { one.script(operator, { connects: 10 }) })
  await one.clock.advance(9_800)
  t.is((await connections).length, 4)
  t.is(one.lines.length, 4)
  t.is(one.clock.pending, 0)
})

test('the delay between bootstrap rounds grows to one minute', async t => {
  const one = await scene({ 'a.example': 1 })
  one.script('a.example', { refuses: 0 })
  const controller = new AbortController()
  const run = t.throwsAsync(one.run({ signal: controller.signal }), { message: 'enough' })
  await one.clock.advance(3_600_000)
  const times = one.network.attempts.map(({ at }) => at)
  const waits = times.slice(1).map((at, i) => at - (times[i] ?? 0))

  t.true(waits.every((wait, i) => Math.abs(wait / Math.min(1_000 * 2 ** i, 60_000) - 1) <= 0.21))
  t.true(waits.some(wait => wait % 1_000 !== 0))
  t.true(waits.length > 50)
  controller.abort(new Error('enough'))
  await run
  await settled()
  t.is(one.clock.pending, 0)
})

test('bootstrap resolves with one connection when all peers were dialled', async t => {
  const one = await scene({ 'a.example': 2, 'b.example': 1 })
  one.script('a.example', { refuses: 10 })
  one.script('b.example', { connects: 10 })

  t.is((await one.clock.until(one.run())).length, 1)
  t.is(one.network.dialled.length, 3)
})

test('bootstrap gives up a silent peer after the dial timeout', async t => {
  const one = await scene({ 'silent.example': 3, 'b.example': 1 })
  one.script('b.example', { connects: 10 })
  t.is((await one.clock.until(one.run())).length, 1)
  t.true(one.clock.now() <= DIAL_TIMEOUT)
})

test('bootstrap counts connections that are already open and does not dial their peers', async t => {
  const one = await scene({ 'a.example': 2, 'b.example': 2 })
  ;['a.example', 'b.example'].forEach(operator => { one.script(operator, { connects: 10 }) })
  await one.clock.until(one.run({ minConnections: 2 }))
  await one.clock.advance(1_000)
  const [open, { length }] = [one.network.open, one.network.attempts]

  const known = await one.clock.until(one.run({ minConnections: open.length }))
  t.deepEqual(known.map(({ id }) => id).toSorted(), open.map(({ id }) => id).toSorted())
  t.is(one.network.attempts.length, length)

  t.is((await one.clock.until(one.run({ minConnections: 4 }))).length, 4)
  const again = one.network.attempts.slice(length).map(({ multiaddr }) => multiaddr)
  t.is(again.length, 4 - open.length)
  t.false(open.some(({ remoteAddr }) => again.includes(remoteAddr.toString())))
})

test('aborting bootstrap ends its dials and delays, and rejects with the reason', async t => {
  for (const ms of [0, 5, 500]) {
    const one = await scene({ 'a.example': 5 })
    one.script('a.example', { refuses: 10 })
    const controller = new AbortController()
    const run = t.throwsAsync(one.run({ signal: controller.signal }), { message: 'enough' })
    await one.clock.advance(ms)
    const { length } = one.network.dialled
    controller.abort(new Error('enough'))
    await run
    await settled()

    t.is(one.clock.pending, 0)
    t.is(one.engine.dials.running.size + one.engine.dials.pending.size, 0)
    t.is(one.network.dialled.length, length)
  }
})

test('bootstrap begins with a random operator', async t => {
  const firsts = new Set<string | undefined>()

  for (let i = 0; i < 30; i++) {
    const one = await scene({ 'a.example': 1, 'b.example': 1 })
    const controller = new AbortController()
    const run = t.throwsAsync(one.run({ concurrency: 1, signal: controller.signal }), { name: 'Error' })
    await settled()
    firsts.add(one.operators[0])
    controller.abort(new Error('enough'))
    await run
  }

  t.is(firsts.size, 2)
})

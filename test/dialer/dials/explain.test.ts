// parts of explain() other than the outcomes of addresses
import test from 'ava'
import { fallback, filter, hold, pipeline, pipelineOf, source, stage } from '../../../src/pipeline/index.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { race } from '../../../src/stages/race.ts'
import { renderTrace } from '../../../src/trace/text.ts'
import { address } from '../../helpers/address.ts'
import { world } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import { DialEngine } from '../../../src/dialer/dial-engine.ts'
import type { DialTrace } from '../../../src/trace/types.ts'
import type { Script } from '../../../src/testing/scripted-network.ts'
import type { Connection } from '@libp2p/interface'
import type { AnyStage, ConnectedDial, DialPipelineOptions } from '../../../src/pipeline/types.ts'

const throws = (): never => { throw new TypeError('boom') }

/** Dials one address. Returns the error, the text of explain() and the trace */
async function explained (stages: readonly AnyStage[], script: Script = 'silent', options: DialPipelineOptions = {}, addresses = 1): Promise<{ error: Error, text: string, trace?: DialTrace }> {
  const { clock, components } = world({ 1: script, 2: script })
  const settings = { resolvers: {}, addressDialTimeout: 6_000, maxPeerAddrsToDial: 25, dialTimeout: 10_000, maxParallelDials: 100, maxDialQueueLength: 500 }
  const peer = await newPeer()
  let text = ''
  let made: DialTrace | undefined
  const engine = new DialEngine(components, settings, pipeline(fromCaller(), ...stages as [any], race()) as any, {
    observer: () => ({ dialEnded: ({ trace }) => { text = renderTrace(made = trace, { width: 400 }) } })
  })
  const dial = engine.dial(Array.from({ length: addresses }, (_, i) => address(i + 1, peer)), options).catch((err: Error) => err)

  return { error: await clock.until(dial) as Error, text, trace: made }
}

for (const [what, made] of [
  ['a stage', stage('mine', () => throws)],
  ['the beginning of a stage', stage('mine', throws)],
  ['a hold', hold('mine', () => throws)]
] as const) {
  test(`explain() and the error name the stage when ${what} throws`, async t => {
    const { error, text } = await explained([made], { connects: 10 })
    t.is(error.constructor, TypeError)
    t.is(error.message, 'boom (thrown by mine)')
    t.regex(text, /failed after 0 ms\n {2}TypeError: boom \(thrown by mine\)/)
  })
}

test('explain() names the awaited stages when the caller\'s signal aborts', async t => {
  const controller = new AbortController()
  const reason = new Error('no time')
  const { error, text } = await explained([stage('impatient', () => ({ candidates }) => {
    queueMicrotask(() => { controller.abort(reason) })

    return candidates
  }), filter('mine', async () => new Promise<never>(() => {})), source('tracker', async () => new Promise<never>(() => {}))], 'silent', { signal: controller.signal })
  t.is(error, reason)
  t.regex(text, /aborted after 0 ms\n {2}Error: no time\n {2}still waiting for mine, tracker\n/)
})

test('explain() names the awaited stages once when the dial times out', async t => {
  const { error, text } = await explained([filter('mine', async () => new Promise<never>(() => {}))])
  t.is(error.name, 'TimeoutError')
  t.is(text.split('still waiting for mine').length, 2)
})

test('explain() names the sources that failed', async t => {
  const { text } = await explained([source('tracker', () => { throw new Error('tracker down') })], { refuses: 10 })
  t.regex(text, /\n {2}tracker .*\| failed: tracker down\n/)
})

test('explain() and the error name a stage of a nested pipeline by its path', async t => {
  const nested = pipeline('policy', pipeline('inner', filter('mine', () => 'no')))
  const { error, text } = await explained([nested])
  t.regex(text, /dropped by policy\/inner\/mine: no$/)
  t.regex(error.message, /1 dropped by policy\/inner\/mine: no/)
})

for (const [what, connecting, place] of [
  ['a nested pipeline that connects', pipeline('tail', filter('mine', () => 'no'), race()), 'tail/mine'],
  ['an alternative', fallback(pipeline('strict', filter('mine', () => 'no'), race())), 'strict/mine'],
  ['a pipeline without a name', pipeline(filter('mine', () => 'no'), race()), 'mine']
] as const) {
  test(`explain() names a stage of ${what} by its path`, async t => {
    const { text } = await explained([], 'silent', { pipeline: pipeline(fromCaller(), connecting as any) as any })
    t.true(text.endsWith(`dropped by ${place}: no`), text)
  })
}

test('the error counts addresses that the backoff() of a nested pipeline holds back', async t => {
  const { error } = await explained([pipeline('policy', filter('backoff', one => one.id.includes('192.0.2.2') || 'later'))], { refuses: 1 }, {}, 2)
  t.regex(error.message, /^All multiaddr dials failed for \w+: \/ip4\/192\.0\.2\.2\/tcp\/4001 refused; 1 dropped by policy\/backoff: later \(\/ip4\/192\.0\.2\.1\/tcp\/4001\)$/)
})

/** A stage after the race that yields nothing */
const below = (run: (connection: Connection, dial: ConnectedDial) => void): AnyStage => stage({
  name: 'over-tls',
  accepts: ['connections'],
  yields: 'connections',
  run: async function * (connections, dial) {
    for await (const connection of connections) {
      run(connection, dial)
    }

    yield * []
  }
})

for (const [what, made, words] of [
  ['discards the only connection', below((connection, dial) => { dial.discard(connection) }), /^over-tls passed on none of 1 connection$/],
  ['discards it for a reason', below((connection, dial) => { dial.discard(connection, 'not over TLS') }), /^over-tls refused \/ip4\/192\.0\.2\.1\/tcp\/4001\/p2p\/\w+: not over TLS$/],
  ['keeps it to itself', below(() => {}), /^over-tls passed on none of 1 connection$/]
] as const) {
  test(`the error and explain() say that a stage below the race ${what}`, async t => {
    const { error, text } = await explained([], { connects: 10 }, { pipeline: pipelineOf([fromCaller(), race(), made]) as any })
    t.is(error.name, 'VerificationError')
    t.regex(error.message, words)
    t.regex(text, /failed after 10 ms\n {2}VerificationError: over-tls /)
    t.true(text.endsWith(`0 ms → 10 ms connected, but ${error.message}`), text)
  })
}

for (const [what, run, words] of [
  ['discards undefined', (_connection, dial) => { dial.discard(undefined as any) }, 'has discarded undefined where a connection was expected'],
  ['discards an address', ({ remoteAddr }, dial) => { dial.discard(remoteAddr as any) }, /^Stage "over-tls" has discarded .* where a connection was expected$/],
  ['discards a connection for a reason that is no string', (connection, dial) => { dial.discard(connection, 1 as any) }, 'has discarded a connection for 1: a reason is a text']
] as ReadonlyArray<[string, (connection: Connection, dial: ConnectedDial) => void, string | RegExp]>) {
  test(`the dial ends with an error that names the stage when one below the race ${what}`, async t => {
    const { error } = await explained([], { connects: 10 }, { pipeline: pipelineOf([fromCaller(), race(), below(run)]) as any })
    t.is(error.name, 'InvalidStageOutputError')
    t.regex(error.message, typeof words === 'string' ? new RegExp(`^Stage "over-tls" ${words}$`) : words)
  })
}

test('the dial ends with an error that names the stage when one below the race yields a connection that it has discarded', async t => {
  const both = stage({ name: 'over-tls', accepts: ['connections'], yields: 'connections', run: async function * (connections, dial) {
    for await (const connection of connections) {
      dial.discard(connection)
      yield connection
    }
  } })
  const { error } = await explained([], { connects: 10 }, { pipeline: pipelineOf([fromCaller(), race(), both]) as any })
  t.regex(error.message, /^Stage "over-tls" yielded the connection to \/ip4\/192\.0\.2\.1\/tcp\/4001\/p2p\/\w+ that it has discarded: discard a connection, or yield it$/)
})

test('a trace names every source of an address', async t => {
  const again = source('registry', ({ target: { multiaddrs } }) => multiaddrs)
  const { trace } = await explained([again], { refuses: 10 })
  t.deepEqual(trace?.candidates[0]?.provenance, ['user', 'registry'])
})

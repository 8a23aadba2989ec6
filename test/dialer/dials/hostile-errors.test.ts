// errors and reasons from elsewhere that throw when they are read, logged or changed
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { filter, pipeline, stage } from '../../../src/pipeline/index.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { race } from '../../../src/stages/race.ts'
import { address } from '../../helpers/address.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import type { Logger } from '@libp2p/interface'
import type { AnyStage } from '../../../src/pipeline/types.ts'
import type { DialTrace } from '../../../src/trace/types.ts'

const unreadable = (): never => { throw new Error('cannot be read') }

/** A proxy of an error that can be read, but not inspected or changed */
const guarded = new Proxy(new Error('guarded'), { defineProperty: unreadable, has: unreadable, isExtensible: unreadable })

/** Throws for each logged value, like libp2p's logger for an AggregateError that contains itself */
function throwingLog (): Logger {
  return Object.assign(unreadable, { enabled: true, error: unreadable, trace: unreadable, newScope: throwingLog })
}

async function failure (made: AnyStage, options = {}, init = {}): Promise<any> {
  const { engine, clock } = engineWorld(pipeline(fromCaller(), made as any, race()) as any, { 1: { refuses: 1, error: guarded } }, init)

  return clock.until(engine.dial(address(1, await newPeer()), options).catch((err: unknown) => err))
}

test('a caller whose abort reason has an unreadable name rejects with that reason', async t => {
  const controller = new AbortController()
  const reason = Object.defineProperty(new Error('mine'), 'name', { get: unreadable })
  const aborts = filter('aborts', async () => {
    controller.abort(reason)

    return new Promise<never>(() => {})
  })

  t.is(await failure(aborts, { signal: controller.signal }), reason)
})

test('a logger that throws does not change the error of the dial', async t => {
  const thrown = new AggregateError([], 'contains itself')
  thrown.errors.push(thrown)
  const error = await failure(stage('mine', () => { throw thrown }), {}, { logger: { forComponent: throwingLog } })

  t.is(error, thrown)
  t.is(error.message, 'contains itself (thrown by mine)')
  t.is((error.trace as DialTrace).outcome, 'failed')
})

for (const [where, made] of [['a transport', filter('keeps', () => true)], ['a stage', stage('mine', () => { throw guarded })]] as const) {
  test(`a frozen error of ${where} reaches the caller unchanged`, async t => {
    t.is(await failure(made), guarded)
  })
}

test('the errors of attempts escape the control characters of their addresses', async t => {
  const { engine, clock } = engineWorld(pipeline(fromCaller(), filter('mine', () => true), race()))
  const peer = await newPeer()
  const addresses = ['/ip6zone/\u001b[31m/ip6/fe80::1/tcp/4001', '/dns4/\u001b[31m.example/tcp/4001'].map(one => multiaddr(`${one}/p2p/${peer.toString()}`))
  const error: AggregateError = await clock.until(engine.dial(addresses).then(() => t.fail(), err => err))

  t.is(error.errors.length, 2)
  t.deepEqual([error, ...error.errors].filter(({ message }) => message.includes('\u001b')), [])
})

import test from 'ava'
import { filter, pipeline } from '../../../src/pipeline/index.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { race } from '../../../src/stages/race.ts'
import { settled } from '../../../src/testing/virtual-clock.ts'
import { address } from '../../helpers/address.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import type { SlotsInit } from '../../../src/dialer/attempts/slots.ts'
import type { EngineWorld } from '../../helpers/scripted.ts'

/** A world with a function that bans the nth address */
function banning (n: number, slots: SlotsInit = {}): EngineWorld & { ban (): void } {
  let isBanned = false
  const bans = { reasonFor: (subject: object) => isBanned && 'multiaddr' in subject && String(subject.multiaddr).startsWith(address(n).toString()) ? 'it is banned' : undefined }
  const made = engineWorld(pipeline(fromCaller(), race()), { 2: { connects: 10 } }, { slots })
  Object.assign(made.components, { bans })

  return { ...made, ban: () => { isBanned = true } }
}

const patient = (): { signal: AbortSignal } => ({ signal: new AbortController().signal })

test('an address banned while its attempt waits for a slot is not dialled', async t => {
  const { engine, clock, network, ban } = banning(2, { node: 1 })
  const first = new AbortController()
  const silent = engine.dial(address(1, await newPeer()), { signal: first.signal })
  const waiting = engine.dial(address(2, await newPeer()), patient())
  await clock.advance(100)
  ban()
  first.abort()
  await t.throwsAsync(clock.until(silent), { name: 'AbortError' })

  await t.throwsAsync(clock.until(waiting), { name: 'DialDeniedError', message: /it is banned/ })
  t.is(network.attempts.length, 1)
})

test('sever() ends attempts at banned addresses, and others go on', async t => {
  const { engine, clock, network, ban } = banning(1)
  const banned = engine.dial(address(1, await newPeer()), patient())
  const other = engine.dial(address(2, await newPeer()), patient())
  await settled()
  ban()
  engine.attempts.sever()

  await t.throwsAsync(clock.until(banned), { name: 'DialDeniedError', message: /it is banned/ })
  t.is((await clock.until(other)).status, 'open')
  t.deepEqual(network.attempts.map(({ signal }) => signal.aborted), [true, false])
})

test('sever() ends both attempts when two dial the banned address', async t => {
  const { engine, clock, components } = engineWorld(pipeline(fromCaller(), race()))
  const [peer, inner] = await Promise.all([newPeer(), newPeer()])
  let isBanned = false
  Object.assign(components, { bans: { reasonFor: (subject: any) => isBanned && String(subject.multiaddr).includes('192.0.2.1/') ? 'banned' : undefined } })
  const { dial } = components.transportManager
  components.transportManager.dial = async (multiaddr, options) => multiaddr.toString().includes('192.0.2.1/') ? engine.dial(address(2, inner), options as object) : dial(multiaddr, options)

  const dials = ['one', 'another'].map(async name => t.throwsAsync(engine.dial(address(1, peer), { pipeline: pipeline(fromCaller(), filter(name, () => true), race()), signal: new AbortController().signal }), { name: 'DialDeniedError' }))
  await clock.advance(1)
  isBanned = true
  engine.attempts.sever()

  t.deepEqual((await Promise.all(dials)).map(error => error?.name), ['DialDeniedError', 'DialDeniedError'])
})

test('the error of a dial names at most five bans', async t => {
  for (const [count, rest] of [[5, ''], [6, '; …']] as const) {
    const { engine, clock, components } = engineWorld(pipeline(fromCaller(), race()))
    Object.assign(components, { bans: { reasonFor: (subject: any) => subject.multiaddr == null ? undefined : `ban ${/192\.0\.2\.(\d+)/.exec(String(subject.multiaddr))?.[1]}` } })
    const peer = await newPeer()
    const error = await t.throwsAsync(clock.until(engine.dial(Array.from({ length: count }, (_, i) => address(i + 1, peer)))), { name: 'DialDeniedError' })

    t.is(error?.message, `All addresses in the dial request are denied for peer: ${peer} (ban 1; ban 2; ban 3; ban 4; ban 5${rest})`)
  }
})

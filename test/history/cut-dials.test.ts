import test from 'ava'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { race } from '../../src/stages/race.ts'
import { pace, pipeline, retry } from '../../src/pipeline/index.ts'
import { candidate } from '../../src/pipeline/candidate.ts'
import { address } from '../helpers/address.ts'
import { engineWorld } from '../helpers/scripted.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { learning, rounded, systemError, to } from './learning.ts'
import type { Script } from '../../src/testing/scripted-network.ts'
import type { PeerId } from '@libp2p/interface'

const plain = pipeline(fromCaller(), pace('quick', race => race.lastStart + 10), race())
const addressesOf = (peer: PeerId) => [1, 2, 3].map(n => address(n, peer))

/** Dials three silent addresses until the caller's signal ends the dial, and returns what the history has learnt */
async function cutDial (scripts: Record<number, Script>, ms: number | undefined, reason?: Error) {
  const peer = await newPeer()
  const { engine, clock, components: { history } } = engineWorld(plain, scripts)
  const controller = new AbortController()
  const before = { online: history.online(peer), valid: history.estimate(candidate(address(1, peer))).valid }
  clock.setTimeout(() => { controller.abort(reason) }, ms ?? 100_000)
  const dial = engine.dial(addressesOf(peer), { signal: controller.signal }).catch((err: Error) => err.name)
  await clock.until(dial)
  await clock.advance(1)

  return { before, online: history.online(peer), valid: history.estimate(candidate(address(1, peer))).valid }
}

const timeout = new DOMException('The operation was aborted due to timeout', 'TimeoutError')

for (const [how, reason] of [['times out', timeout], ['aborts', undefined], ['aborts with an error of its own', new Error('enough')]] as const) {
  test(`a dial whose caller ${how} after 5 s counts against its silent peer, like one that has failed, and not against its addresses`, async t => {
    const [cut, failed] = [await cutDial({}, 5_000, reason), await cutDial({}, undefined)]
    t.is(rounded(cut.online), rounded(failed.online))
    t.true(cut.online < cut.before.online)
    t.true(cut.valid > cut.before.valid - 0.01, `${cut.valid}`)
  })
}

test('a dial whose caller leaves before an answer is due proves nothing', async t => {
  const { before, online } = await cutDial({}, 50, timeout)
  t.is(online, before.online)
})

test('a dial whose caller leaves counts less against its peer if few of the answers were due', async t => {
  const [early, late] = [await cutDial({}, 340, timeout), await cutDial({}, 5_000, timeout)]
  t.true(early.online < early.before.online && early.online > late.online, `${early.online} ${late.online}`)
})

for (const [what, script] of [
  ['refuses', { refuses: 40 }],
  ['answers and then stalls', { connects: 60_000, firstResponse: 40 }]
] satisfies Array<[string, Script]>) {
  test(`a dial whose caller leaves does not count against a peer that ${what}`, async t => {
    const { before, online } = await cutDial({ 2: script }, 5_000, timeout)
    t.is(online, before.online)
  })
}

test('a fault of this machine does not count against the peer of a dial whose caller leaves', async t => {
  const fault = { refuses: 0, error: systemError('ENETUNREACH') }
  const { before, online } = await cutDial({ 1: fault, 2: fault, 3: fault }, 5_000, timeout)
  t.is(online, before.online)
})

test('an attempt over a transport that reports nothing before it connects is due when its connection is', async t => {
  const { history, clock } = learning()
  const peer = await newPeer()
  const candidate = to('/ip4/7.7.7.7/udp/1/webrtc-direct', peer)
  const before = history.online(peer)

  for (const [ms, isDue] of [[1_000, false], [5_000, true]] as const) {
    history.unreachable(peer, true, [{ candidate, startedAt: clock.now() - ms, endedAt: clock.now() }])
    t.is(history.online(peer) < before, isDue)
  }
})

test('a dial whose caller leaves does not count against a peer that refused an earlier attempt', async t => {
  const peer = await newPeer()
  const { engine, clock, network, components: { history } } = engineWorld(retry(pipeline(fromCaller(), race())), { 1: { refuses: 40 } })
  const controller = new AbortController()
  clock.setTimeout(() => { network.script(address(1).toString(), 'silent') }, 60)
  clock.setTimeout(() => { controller.abort(timeout) }, 5_000)
  await t.throwsAsync(clock.until(engine.dial(address(1, peer), { signal: controller.signal })))
  t.is(network.dialled.length, 2)
  t.is(history.online(peer), 0.75)
})

test('a dial whose caller leaves does not count against a peer that has connected meanwhile', async t => {
  const peer = await newPeer()
  const { engine, clock, components: { history } } = engineWorld(plain, { 1: { connects: 1_000 } })
  const controller = new AbortController()
  const dial = engine.dial([address(2, peer), address(3, peer)], { signal: controller.signal, force: true }).catch((err: Error) => err.name)
  await clock.until(engine.dial([address(1, peer)], { force: true }))
  const before = history.online(peer)
  controller.abort()
  await clock.until(dial)
  await clock.advance(1)
  t.is(rounded(history.online(peer)), rounded(before))
})

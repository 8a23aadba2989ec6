import test from 'ava'
import { candidate, expand, filter, hold, onlyIfNone, pace, pipeline, pipelineOf, prefer, rank, rankBy, source, stage, when } from '../../../src/pipeline/index.ts'
import { byReputation } from '../../../src/stages/by-reputation.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { race } from '../../../src/stages/race.ts'
import { address } from '../../helpers/address.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import type { AnyStage, Dial } from '../../../src/pipeline/types.ts'

const SCRIPT = { 1: { connects: 50 }, 2: { connects: 500 } }

const read = (dial: Dial): any => (dial.options as any).allow

/** Stage factories whose stage reads the dial option "allow" */
const READERS: Record<string, (init: { options?: readonly string[] }) => AnyStage> = {
  filter: init => filter('reader', (_one, dial) => { read(dial); return true }, init),
  'a filter that answers later': init => filter('reader', async (_one, dial) => { await Promise.resolve(); read(dial); return true }, init),
  rank: init => rank('reader', (_a, _b, dial) => { read(dial); return 0 }, init),
  source: init => source('reader', dial => { read(dial); return [] }, init),
  'a source that answers later': init => source('reader', async dial => { await Promise.resolve(); read(dial); return [] }, init),
  expand: init => expand('reader', (one, dial) => { read(dial); return [one] }, init),
  pace: init => pace('reader', ({ lastStart }, dial) => { read(dial); return lastStart + 250 }, init),
  hold: init => hold('reader', (_race, dial) => { read(dial); return 0 }, init),
  rankBy: init => rankBy('reader', (_one, dial) => { read(dial); return 0 }, init),
  prefer: init => prefer((_one, dial) => { read(dial); return true }, init),
  onlyIfNone: init => onlyIfNone((_one, dial) => { read(dial); return true }, init),
  when: init => when(dial => { read(dial); return true }, filter('reader', () => true), init),
  byReputation: init => byReputation((_one, dial) => { read(dial); return 1 }, init),
  'stage, as it begins': init => stage('reader', dial => { read(dial); return ({ candidates }) => candidates }, init),
  'stage, when it is asked': init => stage('reader', dial => ({ candidates }) => { read(dial); return candidates }, init)
}

for (const [name, make] of Object.entries(READERS)) {
  const both = async (): Promise<any> => { const peer = await newPeer(); return [address(1, peer), address(2, peer)] }

  test(`${name}: reading an undeclared option ends the dial with InvalidPipelineError`, async t => {
    const { engine, clock } = engineWorld(pipelineOf([fromCaller(), make({}), race()]), SCRIPT)

    const err = await t.throwsAsync(clock.until(engine.dial(await both(), { allow: 1 } as object)))
    t.is(err.name, 'InvalidPipelineError')
    t.regex(err.message, /"allow".*Add to the stage: options: \['allow'\]/)
  })

  test(`${name}: dials that differ in a declared option are separate, and equal ones join`, async t => {
    const { engine, clock, network } = engineWorld(pipelineOf([fromCaller(), make({ options: ['allow'] }), race()]), SCRIPT)
    const addresses = await both()
    const dial = async (allow: unknown): Promise<unknown> => engine.dial(addresses, { allow } as object)
    const dials = [dial({ tier: 1 }), dial({ tier: 1 }), dial(new Set([1])), dial(new Set([1])), dial(undefined), dial(10n)]

    t.is(engine.dials.pending.size, 5)
    await clock.until(Promise.all(dials))
    t.is(network.attempts.length, 1)
  })
}

const allowing = filter('allowing', ({ multiaddr }, dial) => read(dial)?.has(multiaddr.toString().split('/')[2]) === true, { options: ['allow'] })

test('two callers with different Sets as an option each get only what their own allows', async t => {
  const { engine, clock } = engineWorld(pipeline(fromCaller(), allowing, race()), SCRIPT)
  const peer = await newPeer()
  const hosts = ['192.0.2.1', '192.0.2.2']
  const connections = await clock.until(Promise.all(hosts.map(async host => engine.dial([address(1, peer), address(2, peer)], { allow: new Set([host]) } as object))))

  t.deepEqual(connections.map(({ remoteAddr }) => remoteAddr.toString().split('/')[2]), hosts)
})

test('an array option that the caller changes during the dial keeps its value', async t => {
  const inList = filter('in-list', ({ multiaddr }, dial) => read(dial).includes(multiaddr.toString().split('/')[2]), { options: ['allow'] })
  const late = expand('late', async (one, dial) => { await new Promise<void>(resolve => { dial.clock.setTimeout(resolve, 100) }); return [candidate(one.multiaddr, dial.target.peerId)] })
  const { engine, clock, network } = engineWorld(pipeline(fromCaller(), late, inList, race()), SCRIPT)
  const peer = await newPeer()
  const allow = ['192.0.2.2']
  const dial = engine.dial([address(1, peer), address(2, peer)], { allow } as object)
  allow[0] = '192.0.2.1'
  await clock.until(dial)

  t.deepEqual(network.dialled, [address(2)].map(String))
})

test('an inherited signal aborts a dial with options', async t => {
  const { engine } = engineWorld(pipeline(fromCaller(), allowing, race()), SCRIPT)
  const controller = new AbortController()
  const { signal } = controller
  const dial = engine.dial(address(1, await newPeer()), Object.assign(Object.create({ signal }), { allow: new Set(['192.0.2.1']) }))
  controller.abort(new Error('enough'))

  await t.throwsAsync(dial, { message: 'enough' })
})

test('an option that only the replaced pipeline read rejects with UnsupportedDialOptionError', async t => {
  const { engine } = engineWorld(pipeline(fromCaller(), allowing, race()), SCRIPT)
  engine.pipelines.current = pipeline(fromCaller(), race())

  await t.throwsAsync(engine.dial(address(1), { allow: new Set() } as object), { name: 'UnsupportedDialOptionError' })
})

test('an undeclared option that only another node\'s pipeline reads is accepted', async t => {
  engineWorld(pipeline(fromCaller(), allowing, race()), SCRIPT)
  const { engine, clock } = engineWorld(pipeline(fromCaller(), race()), SCRIPT)

  t.is((await clock.until(engine.dial(address(1, await newPeer()), { allow: 1 } as object))).status, 'open')
})

test('a caller that aborts does not abort the signal in the options of a stage while others wait', async t => {
  const impatient = source('impatient', async ({ options, clock }) => new Promise((resolve, reject) => {
    (options as { signal?: AbortSignal }).signal?.addEventListener('abort', () => { reject(new Error('left')) })
    clock.setTimeout(() => { resolve([address(1)]) }, 1_000)
  }))
  const { engine, clock } = engineWorld(pipeline(impatient, race()), SCRIPT)
  const peer = await newPeer()
  const first = new AbortController()
  const left = t.throwsAsync(engine.dial(peer, { signal: first.signal }), { message: 'enough' })
  const joined = engine.dial(peer)
  await clock.advance(100)
  first.abort(new Error('enough'))
  await left

  t.is((await clock.until(joined)).status, 'open')
})

import test from 'ava'
import { adaptive, staggered } from '../../presets/index.ts'
import { planDial } from '../../src/dialer/dials/plan-dial.ts'
import { sleep } from '../../src/pipeline/clock.ts'
import { filter, hold, pipeline, retry, source, stage } from '../../src/pipeline/index.ts'
import { backoff } from '../../src/stages/backoff.ts'
import { blackHole } from '../../src/stages/black-hole.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { fromPeerStore } from '../../src/stages/from-peer-store.ts'
import { fromRouting } from '../../src/stages/from-routing.ts'
import { race } from '../../src/stages/race.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { settled } from '../../src/testing/virtual-clock.ts'
import { renderPlan } from '../../src/trace/plan-text.ts'
import { address } from '../helpers/address.ts'
import { engineWorld } from '../helpers/scripted.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import type { VirtualClock } from '../../src/testing/virtual-clock.ts'
import type { DialPlan } from '../../src/trace/plan.ts'

/** Awaits a plan. The plan has its own clock, and advances the node's only while something is awaited */
async function made (clock: VirtualClock, plan: Promise<DialPlan>): Promise<DialPlan> {
  let isMade = false
  plan.then(() => { isMade = true }, () => { isMade = true })

  while (!isMade) {
    await settled()

    if (clock.pending > 0) {
      await clock.advance(5)
    }
  }

  return plan
}

const started = ({ addresses }: DialPlan): Array<[string, number | undefined]> => addresses.map(({ address, startsAt }) => [/192\.0\.2\.(\d+)/.exec(address)?.[1] ?? address, startsAt])

test('plan lists the order and times of addresses, and why others are dropped', async t => {
  const chain = pipeline(fromCaller(), filter('odd', one => !one.id.includes('192.0.2.2') || 'even'), stagger(250), race())
  const { engine, clock, network } = engineWorld(chain)
  const peer = await newPeer()
  const plan = await made(clock, planDial(engine, [1, 2, 3].map(n => address(n, peer)), {}))

  t.deepEqual(started(plan), [['1', 0], ['3', 250], ['2', undefined]])
  t.deepEqual(plan.addresses[2]?.verdicts, [{ stage: 'odd', verdict: 'dropped', reason: 'even' }])
  t.deepEqual(plan.sources, [{ stage: 'from-caller', addresses: 3 }])
  t.deepEqual(network.dialled, [])
  t.is(clock.pending, 0)
  t.is(renderPlan(plan, { width: 120 }), `
plan for ${peer}  2 of 3 addresses would be dialled
  from-caller             3 addresses
  /ip4/192.0.2.1/tcp/4001 dialled after 0 ms
  /ip4/192.0.2.3/tcp/4001 dialled after 250 ms
  /ip4/192.0.2.2/tcp/4001 dropped by odd: even`.trimStart())
  t.deepEqual(JSON.parse(JSON.stringify(plan)), plan)
})

test('plan includes the times of holds and of attempts that time out', async t => {
  const chain = pipeline(fromCaller(), hold('second-later', () => candidate => candidate.id.includes('192.0.2.2') ? Infinity : 0), race())
  const { engine, clock } = engineWorld(chain)
  const peer = await newPeer()
  const plan = await made(clock, planDial(engine, [2, 1].map(n => address(n, peer)), {}))

  t.deepEqual(started(plan), [['1', 0], ['2', 6_000]])
})

test('plan asks sources except routers, and lists those as would be asked', async t => {
  const chain = pipeline(fromPeerStore(), fromRouting(), source('last', () => { throw new Error('was asked') }, { when: 'exhausted' }), race())
  const { engine, clock, components } = engineWorld(chain)
  components.peerRouting.findPeer = async () => { throw new Error('was asked') }
  const plan = await made(clock, planDial(engine, await newPeer(), {}))

  t.deepEqual(plan.sources, [{ stage: 'from-peer-store', addresses: 0 }, { stage: 'from-routing', addresses: 0, wouldBeAsked: true }, { stage: 'last', addresses: 0, wouldBeAsked: true }])
  t.regex(renderPlan(plan), /from-routing +would be asked/)
})

test('plan says that routers would not be asked when the caller passed addresses', async t => {
  const { engine, clock } = engineWorld(staggered())
  const plan = await made(clock, planDial(engine, address(1, await newPeer()), {}))

  t.deepEqual(plan.sources.at(-1), { stage: 'from-routing', addresses: 0, notAsked: 'the caller passed addresses' })
  t.regex(renderPlan(plan), /from-routing +not asked: the caller passed addresses/)
})

test('plan lists sources that failed, and those without an answer within a second', async t => {
  const chain = pipeline(source('down', async () => { throw new Error('disk is full') }), source('slow', async () => new Promise<never>(() => {})), race())
  const { engine, clock } = engineWorld(chain)
  const plan = await made(clock, planDial(engine, await newPeer(), {}))

  t.deepEqual(plan.sources, [{ stage: 'down', addresses: 0, error: { name: 'Error', message: 'disk is full' } }, { stage: 'slow', addresses: 0, isAwaited: true }])
  t.deepEqual(plan.awaited, ['slow'])
  t.true(clock.now() <= 1_010)
})

test('plan says that an open connection would answer the dial', async t => {
  const { engine, clock, components } = engineWorld(staggered(), { 1: { connects: 10 } })
  const peer = await newPeer()
  const connection = await clock.until(engine.dial(address(1, peer)))
  components.connectionManager.getConnections = () => [connection]
  const plan = await made(clock, planDial(engine, peer, {}))

  t.is(plan.open?.address, String(connection.remoteAddr))
  t.deepEqual(plan.addresses, [])
  t.regex(renderPlan(plan), /nothing would be dialled: a connection is open/)
})

test('plan copies a stage\'s plain state of the node, and shares an object with methods', async t => {
  class Counter { count = 0 }
  const plain: object[] = []
  const counters: Counter[] = []
  const count = stage('count', (_dial, _work, state) => {
    plain.push(state)
    state.count++

    return ({ candidates }) => candidates
  }, { perNode: () => ({ count: 0 }) })
  const share = stage('share', (_dial, _work, state) => {
    counters.push(state)

    return ({ candidates }) => candidates
  }, { perNode: () => new Counter() })
  const { engine, clock } = engineWorld(pipeline(fromCaller(), count, share, race()), { 1: { connects: 10 } })
  await clock.until(engine.dial(address(1, await newPeer())))
  await made(clock, planDial(engine, address(2, await newPeer()), {}))

  t.deepEqual(plain, [{ count: 1 }, { count: 2 }])
  t.is(counters[0], counters[1])
  t.true(counters[1] instanceof Counter)
})

test('plan says that the gater denies the peer, and what a stage throws', async t => {
  const { engine, clock, components } = engineWorld(staggered())
  const broken = pipeline(fromCaller(), filter('mine', () => { throw new Error('boom') }), race())
  const peer = await newPeer()
  components.connectionGater.denyDialPeer = () => true
  t.is((await made(clock, planDial(engine, address(1, peer), {}))).error?.name, 'DialDeniedError')
  components.connectionGater.denyDialPeer = () => false
  t.regex((await made(clock, planDial(engine, address(1, peer), { pipeline: broken }))).addresses[0]?.verdicts[0]?.verdict ?? '', /dropped/)
})

test('plan waits up to a second for denyDialPeer(), and names it when it has not answered', async t => {
  const { engine, clock, components } = engineWorld(staggered())
  const peer = await newPeer()
  components.connectionGater.denyDialPeer = async () => {
    await sleep(300, clock, new AbortController().signal)

    return false
  }
  t.deepEqual(started(await made(clock, planDial(engine, address(1, peer), {}))), [['1', 0]])
  components.connectionGater.denyDialPeer = async () => new Promise(() => {})
  t.deepEqual((await made(clock, planDial(engine, address(1, peer), {}))).awaited, ['connectionGater.denyDialPeer()'])
})

test('plan includes the gater\'s denial without a gater stage', async t => {
  const { engine, clock, components } = engineWorld(pipeline(fromCaller(), race()))
  components.connectionGater.denyDialMultiaddr = () => true
  const plan = await made(clock, planDial(engine, address(1, await newPeer()), {}))

  t.deepEqual(started(plan), [['1', undefined]])
  t.regex(renderPlan(plan, { width: 200 }), /The connection gater denied/)
})

for (const [name, chain] of Object.entries({ adaptive: adaptive(), staggered: staggered(), 'a pipeline with backoff and black holes': pipeline(fromCaller(), fromPeerStore(), backoff(), blackHole(), race()) })) {
  test(`planning does not change later dials: ${name}`, async t => {
    const script = { 1: { refuses: 10 }, 2: { connects: 50 } } as const
    const peer = await newPeer()
    const run = async (isPlanned: boolean): Promise<unknown> => {
      const { engine, clock, network, components } = engineWorld(chain, script)
      // fixes the random numbers of adaptive()
      Object.assign(components, { random: () => 0.5 })

      for (let i = 0; i < 3; i++) {
        if (isPlanned) {
          await planDial(engine, [1, 2].map(n => address(n, peer)), {})
        }

        await clock.until(engine.dial([1, 2].map(n => address(n, peer)), { force: true }))
      }

      return network.attempts.map(({ multiaddr, at }) => [multiaddr, at])
    }

    t.deepEqual(await run(true), await run(false))
  })
}

test('plan() of a pipeline that retries without a delay ends', async t => {
  const { engine, clock, components } = engineWorld(retry(pipeline(fromCaller(), race()), { delay: 0, retries: Infinity }))
  components.connectionGater.denyDialMultiaddr = () => false
  const plan = await made(clock, planDial(engine, address(1, await newPeer()), {}))
  t.is(plan.addresses.length, 1)
})

test('plan() of a pipeline that retries a broken gater without a delay ends', async t => {
  const { engine, clock, components } = engineWorld(retry(pipeline(fromCaller(), race()), { delay: 0, retries: Infinity }))
  components.connectionGater.denyDialMultiaddr = () => { throw new Error('broken') }
  const plan = await made(clock, planDial(engine, address(1, await newPeer()), {}))

  t.is(plan.addresses.length, 1)
})

test('aborting the signal ends a plan that waits', async t => {
  const { engine, clock } = engineWorld(pipeline(source('slow', async () => new Promise<never>(() => {})), race()))
  const controller = new AbortController()
  const plan = planDial(engine, await newPeer(), { signal: controller.signal })
  clock.setTimeout(() => { controller.abort(new Error('enough')) }, 100)
  await t.throwsAsync(made(clock, plan), { message: 'enough' })
  t.is(clock.now(), 100)
})

test('plan rejects invalid targets and options as dial does', async t => {
  const { engine } = engineWorld(staggered())
  await t.throwsAsync(planDial(engine, 'nonsense' as any, {}), { name: 'InvalidParametersError' })
  const controller = new AbortController()
  controller.abort(null)

  for (const options of [{ signal: 5 }, { onProgress: 5 }, { priority: 'high' }, { signal: controller.signal }] as any[]) {
    const { name, message } = await t.throwsAsync(engine.dial(address(1), options))
    await t.throwsAsync(planDial(engine, address(1), options), { name, message })
  }

  await t.throwsAsync(planDial(engine, address(1), null as any), { name: 'InvalidParametersError', message: 'plan() needs an object, not null' })
})

test('renderPlan() names the member that makes a value no plan', t => {
  const plan = { version: 1, target: { addresses: [] }, pipeline: { stages: [] }, sources: [], awaited: [], addresses: [] }

  for (const [wrong, message] of [
    [null, 'it is null'],
    [{}, 'version is missing'],
    [{ ...plan, sources: [null] }, 'sources[0] needs an object, not null'],
    [{ ...plan, addresses: [{ address: 5 }] }, 'addresses[0].address needs text, not 5'],
    [{ ...plan, open: 'yes' }, "open needs an object, not 'yes'"]
  ] as any[]) {
    t.throws(() => renderPlan(wrong), { name: 'InvalidParametersError', message: `renderPlan() needs the plan of a dial: ${message}` })
  }
})

import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { filter, pipeline } from '../../src/pipeline/index.ts'
import { withDialSource } from '../../src/pipeline/dial-source.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { provenance } from '../../src/stages/provenance.ts'
import { race } from '../../src/stages/race.ts'
import { address, engineWorld, newPeer } from '../helpers/scripted.ts'
import type { EngineWorld } from '../helpers/scripted.ts'

const whole = pipeline(fromCaller(), provenance(), race())

function world (namedBy?: (multiaddr: unknown) => string | undefined): EngineWorld {
  return engineWorld(whole, { 1: { connects: 5 }, 2: { connects: 5 } }, { addressBook: { query: () => [], namedBy } })
}

/** Whether a dial with these options connects that only accepts the user's addresses */
async function isUsers (options: object, { engine, clock }: EngineWorld = world()): Promise<boolean> {
  return clock.until(engine.dial(address(1, await newPeer()), { provenance: ['user'], ...options })).then(() => true, () => false)
}

test('addresses that are passed to a dial are the user\'s', async t => {
  t.true(await isUsers({}))
  t.true(await isUsers({ force: true, priority: 100 }))
  t.true(await isUsers({ initiator: false, priority: 100 }))
})

test('a dial that is made as DCUtR makes it is DCUtR\'s', async t => {
  t.false(await isUsers({ force: true, initiator: false, priority: 100 }))
  t.true(await isUsers({ force: true, initiator: false, priority: 100, provenance: ['dcutr'] }))
})

test('a dial of a service that says who it is has the source of the service', async t => {
  t.false(await isUsers(withDialSource({}, 'autonat')))
  t.true(await isUsers(withDialSource({ provenance: ['autonat'] }, 'autonat')))
})

test('an address that a router has named stays the router\'s, until the caller claims it', async t => {
  const named = address(1, await newPeer())
  const made = world(one => one === named ? 'routing' : undefined)
  const dial = async (options: object): Promise<boolean> => made.clock.until(made.engine.dial(named, { force: true, ...options })).then(() => true, () => false)

  t.false(await dial({ provenance: ['user'] }))
  t.true(await dial({ provenance: ['routing'] }))
  t.true(await dial({ provenance: ['user'], source: 'user' }))
  t.true(await dial({ provenance: ['tracker'], source: 'tracker' }))
  t.false(await dial({ provenance: ['user'] }))
})

for (const [source, message] of [
  ['certified', /"source" cannot be 'certified': a verified record/],
  ['dialled', /"source" cannot be 'dialled': a connection/],
  ['', /"source" needs a name/],
  [1, /"source" needs a name/],
  [null, /"source" needs a name/],
  [['user'], /"source" needs a name/]
] as const) {
  test(`the source ${JSON.stringify(source)} is refused`, async t => {
    const { engine } = world()
    await t.throwsAsync(engine.dial(address(1, await newPeer()), { source } as any), { name: 'InvalidParametersError', message })
  })

  test(`the source ${JSON.stringify(source)} is refused of a service too`, async t => {
    const { engine } = world()
    await t.throwsAsync(engine.dial(address(1, await newPeer()), withDialSource({}, source as any)), { name: 'InvalidParametersError', message })
  })
}

test('an address that one caller vouches for and another heard is judged by all that is said of it', async t => {
  const { engine, clock, network } = engineWorld(pipeline(fromCaller(), filter('users', one => one.provenance.some(({ source }) => source === 'user')), race()), { 1: { connects: 50 }, 2: { connects: 50 } })
  const peer = await newPeer()
  const dials = [engine.dial(address(1, peer), { source: 'dht' }), engine.dial(multiaddr(address(2, peer).bytes))]
  await clock.until(Promise.all(dials))

  t.deepEqual(network.dialled, [address(2)].map(String))
})

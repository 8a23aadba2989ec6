import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { sleep } from '../../../src/pipeline/clock.ts'
import { filter, pipeline } from '../../../src/pipeline/index.ts'
import { markAddress, withDialSource } from '../../../src/pipeline/runtime/live-target.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { provenance } from '../../../src/stages/provenance.ts'
import { race } from '../../../src/stages/race.ts'
import { address } from '../../helpers/address.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import type { DialAddressBook } from '../../../src/pipeline/types.ts'
import type { EngineWorld } from '../../helpers/scripted.ts'

const whole = pipeline(fromCaller(), provenance(), race())

function world (namingReports: (multiaddr: unknown) => string | undefined = () => undefined): EngineWorld {
  return engineWorld(whole, { 1: { connects: 5 }, 2: { connects: 5 } }, { addressBook: bookOf(namingReports) })
}

/** An address book that answers only with the reports of an address */
function bookOf (namingReports: (multiaddr: unknown) => string | undefined): DialAddressBook {
  return {
    query: () => [],
    reportsOf: multiaddr => {
      const source = namingReports(multiaddr)

      return source == null ? undefined : { isCertified: false, provenance: [{ source }] }
    }
  }
}

/** Returns whether a dial that accepts only the user's addresses connects with these options */
async function isUsers (options: object, { engine, clock }: EngineWorld = world()): Promise<boolean> {
  return clock.until(engine.dial(address(1, await newPeer()), { provenance: ['user'], ...options })).then(() => true, () => false)
}

test('addresses passed to a dial are user-given', async t => {
  t.true(await isUsers({}))
  t.true(await isUsers({ force: true, priority: 100 }))
  t.true(await isUsers({ initiator: false, priority: 100 }))
})

test('addresses of a dial with DCUtR\'s options have the source dcutr, unless the caller names another', async t => {
  t.false(await isUsers({ force: true, initiator: false, priority: 100 }))
  t.true(await isUsers({ force: true, initiator: false, priority: 100, provenance: ['dcutr'] }))
  t.true(await isUsers({ force: true, initiator: false, priority: 100, source: 'user' }))
})

test('addresses of a dial marked with a service\'s source have that source', async t => {
  t.false(await isUsers(withDialSource({}, 'autonat')))
  t.true(await isUsers(withDialSource({ provenance: ['autonat'] }, 'autonat')))
})

test('an address that a router found keeps the router\'s source, unless the caller sets another', async t => {
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
  ['certified', /"source" cannot claim 'certified': a verified record/],
  ['dialled', /"source" cannot claim 'dialled': a connection/],
  ['dth', /"source" knows no source 'dth': did you mean 'dht'\?/],
  ['', /"source" needs a name/],
  [1, /"source" needs a name/],
  [null, /"source" needs a name/],
  [['user'], /"source" needs a name/]
] as const) {
  test(`the source ${JSON.stringify(source)} is refused as a dial option`, async t => {
    const { engine } = world()
    await t.throwsAsync(engine.dial(address(1, await newPeer()), { source } as any), { name: 'InvalidParametersError', message })
  })

  test(`the source ${JSON.stringify(source)} is refused as a service's mark`, async t => {
    const { engine } = world()
    await t.throwsAsync(engine.dial(address(1, await newPeer()), withDialSource({}, source as any)), { name: 'InvalidParametersError', message })
  })
}

const users = filter('users', one => one.provenance.some(({ source }) => source === 'user') || 'not a user\'s')

/** A node whose dials wait 50 ms before their filter, so that others can join them */
function slowWorld (namingReports: (multiaddr: unknown) => string | undefined = () => undefined): EngineWorld {
  const slow = filter('slow', async (_candidate, dial) => sleep(50, dial.clock, dial.signal).then(() => true))

  return engineWorld(pipeline(fromCaller(), slow, users, race()), { 1: { connects: 50 }, 2: { connects: 50 } }, { addressBook: bookOf(namingReports) })
}

for (const [how, isNamed, options] of [['claims the source dht', false, { source: 'dht' }], ['hands on an object that the DHT has made', true, {}]] as const) {
  for (const isFirst of [true, false]) {
    for (const later of [0, 20]) {
      test(`an address that one caller claims connects both callers, when the other ${how}, ${later} ms ${isFirst ? 'before' : 'after'} it`, async t => {
        const named = address(1, await newPeer())
        const { engine, clock, network } = slowWorld(one => isNamed && one === named ? 'dht' : undefined)
        const calls = [async () => engine.dial(named, options), async () => engine.dial(multiaddr(named.bytes))]
        const dials = (isFirst ? calls : calls.toReversed()).map(async (call, i) => {
          await sleep(i * later, clock, new AbortController().signal)

          return call()
        })
        const [one, two] = await clock.until(Promise.all(dials))

        t.is(one, two)
        t.is(network.attempts.length, 1)
      })
    }
  }
}

test('a caller that does not join gains nothing from the source that another caller claims', async t => {
  const peer = await newPeer()
  const { engine, clock, network } = slowWorld()
  const vouched = engine.dial(address(1, peer))
  const heard = engine.dial(address(1, peer), { source: 'dht', initiator: false })

  await t.throwsAsync(clock.until(heard), { name: 'NoValidAddressesError' })
  t.is((await clock.until(vouched)).remoteAddr.toString(), address(1, peer).toString())
  t.is(network.attempts.length, 1)
})

test('an address stays untrusted when a caller joins its dial with the peer id or another address', async t => {
  const peer = await newPeer()

  for (const target of [peer, address(2, peer)]) {
    const { engine, clock, network } = slowWorld()
    const dials = Promise.allSettled([engine.dial(address(1, peer), withDialSource({}, 'autonat')), engine.dial(target)])
    await clock.until(dials)

    t.deepEqual(network.dialled, target === peer ? [] : [String(address(2))])
  }
})

test('a thousand callers with one address in different sources cause one attempt', async t => {
  const peer = await newPeer()
  const { engine, clock, network } = slowWorld()
  engine.dials.schedule.pause()
  const dials = Array.from({ length: 1_000 }, async (_, i) => engine.dial(address(1, peer), i === 500 ? {} : { source: 'dht' }))
  const [dial] = engine.dials.pending
  t.is(dial?.requested.multiaddrs.length, 1)
  engine.dials.schedule.resume()
  await clock.until(Promise.all(dials))

  t.is(network.attempts.length, 1)
})

test('the source that a dial gives a multiaddr object does not apply to the next dial of that object', async t => {
  const one = markAddress(address(1, await newPeer()), { isCertified: true, provenance: [{ source: 'certified' }], isVouched: true })
  const { engine, clock } = world()
  const dial = async (source: string): Promise<boolean> => clock.until(engine.dial(one, { force: true, provenance: [source] })).then(() => true, () => false)

  t.false(await dial('certified'))
  t.true(await dial('user'))
})

test('an address book whose handOut() throws does not fail the dial', async t => {
  const { engine, clock } = engineWorld(whole, { 1: { connects: 5 } }, { addressBook: { query: () => [], handOut: () => { throw new TypeError('broken') } } })

  t.is((await clock.until(engine.dial(address(1, await newPeer())))).status, 'open')
})

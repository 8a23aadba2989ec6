import { fc, testProp } from '@fast-check/ava'
import { multiaddr } from '@multiformats/multiaddr'
import { candidate, pipeline, source } from '../../src/pipeline/index.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { provenance } from '../../src/stages/provenance.ts'
import { race } from '../../src/stages/race.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { dose } from '../support/dose.ts'
import { engineWorld, newPeer } from '../helpers/scripted.ts'
import type { Candidate } from '../../src/pipeline/types.ts'
import type { PeerId } from '@libp2p/interface'

const SOURCES = ['user', 'certified', 'dht', 'identify']
const RELAY = await newPeer()
const PEERS: readonly PeerId[] = await Promise.all([newPeer(), newPeer()])

const sources = fc.subarray(SOURCES, { minLength: 1 })
/** An address: direct, of the relay, or of a peer behind the relay */
const known = fc.record({ of: fc.constantFrom<'relay' | 0 | 1>('relay', 0, 1), isRelayed: fc.boolean(), sources, connects: fc.option(fc.nat(800), { nil: undefined }) })
const call = fc.record({ at: fc.nat(1_000), peer: fc.nat(1), include: sources, force: fc.boolean() })

interface Address {
  of: PeerId
  one: Candidate
  isRelayed: boolean
}

testProp.serial('of dials with random policies at once, none attempts, or is given, an address that its policy drops', [
  fc.array(known, { minLength: 1, maxLength: 10 }), fc.array(call, { minLength: 2, maxLength: 6 })
], async (t, addresses, calls) => {
  const made = addresses.map(({ of, isRelayed, sources }, i): Address => {
    const peer = of === 'relay' ? RELAY : PEERS[of] as PeerId
    const isCircuit = isRelayed && of !== 'relay'
    const address = multiaddr(isCircuit ? `/p2p/${RELAY}/p2p-circuit` : `/ip4/192.0.2.${i + 1}/tcp/1`)

    return { of: peer, one: candidate(address, peer, { isCertified: sources.includes('certified'), provenance: sources.map(source => ({ source })) }), isRelayed: isCircuit }
  })
  const all = new Map(made.map(({ of, one }) => [one.id, made.filter(other => other.of === of && other.one.id === one.id).flatMap(({ one }) => one.provenance.map(({ source }) => source))]))
  const book = source('book', ({ target: { peerId } }) => made.filter(({ of }) => peerId?.equals(of) === true).map(({ one }) => one))
  const { engine, clock, network, components: { transportManager, connectionManager } } = engineWorld(pipeline(book, fromCaller(), provenance(), stagger(), race()))
  const { dial } = transportManager
  const allowed = (id: string, include: readonly string[]): boolean => all.get(id)?.some(one => include.includes(one)) === true

  addresses.forEach(({ connects }, i) => {
    const { one } = made[i] as Address
    network.script(one.multiaddr.toString(), connects == null ? { refuses: 50 } : { connects })
  })
  connectionManager.getConnections = () => []
  transportManager.dial = async (address, options) => {
    if (address.toString().includes('/p2p-circuit/')) {
      await engine.dial(RELAY, options as object)
    }

    return dial(address, options)
  }

  const results = calls.map(async ({ at, peer, include, force }) => {
    await new Promise<void>(resolve => { clock.setTimeout(resolve, at) })

    return engine.dial(PEERS[peer] as PeerId, { provenance: include, force }).then(({ remoteAddr }) => remoteAddr.toString(), () => undefined)
  })
  const given = await clock.until(Promise.all(results))
  await clock.advance(60_000)

  given.forEach((address, i) => {
    t.true(address == null || allowed(address, calls[i]?.include ?? []), 'what a caller is given, its own policy allows')
  })

  for (const { multiaddr: address } of network.attempts) {
    const peer = PEERS.findIndex(one => address.endsWith(`/p2p/${one}`))
    const wanted = calls.filter(call => peer === -1 || call.peer === peer)

    t.true(wanted.some(({ include }) => allowed(address, include)), `${address} is attempted for a dial that allows it`)
  }

  t.is(engine.running.size + engine.pending.size, 0)
}, { numRuns: dose(200) })

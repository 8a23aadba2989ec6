import { fc, testProp } from '@fast-check/ava'
import { multiaddr } from '@multiformats/multiaddr'
import { candidate, filter, pipeline, source } from '../../../src/pipeline/index.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { provenance } from '../../../src/stages/provenance.ts'
import { race } from '../../../src/stages/race.ts'
import { stagger } from '../../../src/stages/stagger.ts'
import { dose } from '../../support/dose.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import type { Candidate, DialPipeline, Target } from '../../../src/pipeline/types.ts'
import type { PeerId } from '@libp2p/interface'

const SOURCES = ['user', 'certified', 'dht', 'identify']
const RELAY = await newPeer()
const PEERS: readonly PeerId[] = await Promise.all([newPeer(), newPeer()])

const sources = fc.subarray(SOURCES, { minLength: 1 })
/** An address: direct, of the relay, or of a peer behind the relay. `isBelow` names it after the filter by `force` */
const known = fc.record({ of: fc.constantFrom<'relay' | 0 | 1>('relay', 0, 1), isRelayed: fc.boolean(), isBelow: fc.boolean(), sources, connects: fc.option(fc.nat(800), { nil: undefined }) })
const call = fc.record({ at: fc.nat(1_000), peer: fc.nat(1), include: sources, force: fc.boolean() })

interface Address {
  of: PeerId
  one: Candidate
  isRelayed: boolean
  isBelow: boolean
  connects?: number
}

type Policy = Pick<typeof call extends fc.Arbitrary<infer C> ? C : never, 'include' | 'force'>

/** Drops half of the addresses when `force` is set. The filter reads the option without declaring it */
const careful = filter('careful', ({ id }, { options: { force } }) => force !== true || isSafe(id))
const notRelay = filter('not-relay', ({ id }) => !id.endsWith(String(RELAY)), { forRelays: false })

function isSafe (id: string): boolean {
  return id.includes('/p2p-circuit') || Number(id.split('/')[2]?.split('.')[3]) % 2 === 0
}

function pipelineOver (addresses: readonly Address[]): DialPipeline {
  const book = (isBelow: boolean) => source(isBelow ? 'below' : 'above', ({ target: { peerId } }: { target: Target }) => {
    return addresses.filter(one => one.isBelow === isBelow && peerId?.equals(one.of) === true).map(({ one }) => one)
  })

  return pipeline(book(false), careful, fromCaller(), book(true), notRelay, provenance(), stagger(), race())
}

/** The decisions that policies require for addresses with several sources */
class Model {
  readonly #byId: Map<string, Address[]>

  constructor (addresses: readonly Address[]) {
    this.#byId = Map.groupBy(addresses, ({ one }) => one.id)
  }

  get ids (): string[] { return [...this.#byId.keys()] }

  allows (id: string, { include, force }: Policy): boolean {
    const passed = this.#of(id).filter(({ isBelow }) => isBelow || !force || isSafe(id))

    return passed.some(({ one }) => one.provenance.some(({ source }) => include.includes(source)))
  }

  /** The dial of the relay inherits the filters that the circuit address has passed */
  allowsRelay (id: string, circuit: string, { include, force }: Policy): boolean {
    const isCareful = force && !this.#of(circuit).some(({ isBelow }) => isBelow)

    return (!isCareful || isSafe(id)) && this.allows(id, { include, force: false })
  }

  connects (id: string): boolean {
    return this.#of(id).at(-1)?.connects != null
  }

  #of (id: string): Address[] {
    return this.#byId.get(id) ?? []
  }
}

testProp.serial('of dials with random policies at once, each reaches what its policy allows, and none attempts what no policy allows', [
  fc.array(known, { minLength: 1, maxLength: 10 }), fc.array(call, { minLength: 2, maxLength: 6 })
], async (t, addresses, calls) => {
  const made = addresses.map(({ of, isRelayed, isBelow, sources, connects }, i): Address => {
    const peer = of === 'relay' ? RELAY : PEERS[of] as PeerId
    const isCircuit = isRelayed && of !== 'relay'
    const address = multiaddr(isCircuit ? `/p2p/${RELAY}/p2p-circuit` : `/ip4/192.0.2.${i + 1}/tcp/1`)

    return { of: peer, one: candidate(address, peer, { isCertified: sources.includes('certified'), provenance: sources.map(source => ({ source })) }), isRelayed: isCircuit, isBelow, connects }
  })
  const model = new Model(made)
  const { engine, clock, network, components: { transportManager, connectionManager } } = engineWorld(pipelineOver(made))
  const { dial } = transportManager

  made.forEach(({ one, connects }) => { network.script(one.id, connects == null ? { refuses: 50 } : { connects }) })
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

  const ofPeer = (peer?: PeerId): string[] => model.ids.filter(id => id.endsWith(String(peer)))
  const circuitsOf = (peer: number): string[] => ofPeer(PEERS[peer]).filter(id => id.includes('/p2p-circuit/'))

  calls.forEach((call, i) => {
    const reachable = ofPeer(PEERS[call.peer]).filter(id => model.allows(id, call) && model.connects(id) &&
      (!id.includes('/p2p-circuit/') || ofPeer(RELAY).some(one => model.allowsRelay(one, id, call) && model.connects(one))))
    const address = given[i]

    t.true(address == null ? reachable.length === 0 : model.allows(address, call), 'a caller is given what its own policy allows, where that can be reached')
  })

  for (const { multiaddr: address } of network.attempts) {
    const wanted = address.endsWith(String(RELAY))
      ? calls.some(call => circuitsOf(call.peer).some(circuit => model.allows(circuit, call) && model.allowsRelay(address, circuit, call)))
      : calls.some(call => address.endsWith(String(PEERS[call.peer])) && model.allows(address, call))

    t.true(wanted, `${address} is attempted for a dial that allows it`)
  }

  t.is(engine.dials.running.size + engine.dials.pending.size, 0)
}, { numRuns: dose(200) })

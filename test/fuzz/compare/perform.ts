import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record'
import { multiaddr } from '@multiformats/multiaddr'
import { sleep } from '../../../src/pipeline/clock.ts'
import { ScriptedNetwork, settled } from '../../../src/testing/index.ts'
import { KEYS, PEERS, SELF } from '../addresses.ts'
import { takeFaults } from '../faults.ts'
import { FuzzClock, never } from '../fuzz-clock.ts'
import { hash } from '../random.ts'
import { abbreviate, withoutPeer } from './description.ts'
import type { CallerDescription, Description } from './description.ts'
import type { Library } from './library.ts'
import type { PeerId, PrivateKey } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The results of a description in one version, in words that can be compared */
export interface Observed {
  /** The attempted addresses, with milliseconds since the beginning */
  attempts: string[]
  /** The result of each caller, with its time */
  callers: string[]
  /** The addresses that connected, with their times */
  connected: string[]
  /** The connections that are open after everything has ended */
  open: string[]
  /** Unhandled errors and rejections */
  faults: string[]
  /** The error, if the version rejects the pipeline */
  refused?: string
}

const EPOCH = 1_700_000_000_000

/** Milliseconds, longer than any dial lasts */
const LONG = 90_000

/** The maximum number of attempts: a dial that ends by itself makes fewer */
const MAX_ATTEMPTS = 1_000

function withPeer (text: string, peer: number): string {
  return `${text}/p2p/${PEERS[peer]?.toString()}`
}

function isCertified (text: string): boolean {
  return hash(text) % 3 === 0
}

/** Returns a record that the peer has signed */
async function recordOf (peer: string, multiaddrs: Multiaddr[]): Promise<Uint8Array> {
  const place = PEERS.findIndex(one => one.toString() === peer)
  const envelope = await RecordEnvelope.seal(new PeerRecord({ peerId: PEERS[place] as PeerId, multiaddrs, seqNumber: 1n }), KEYS[place] as PrivateKey)

  return envelope.marshal()
}

class Case {
  readonly clock = new FuzzClock(EPOCH)
  readonly network: ScriptedNetwork
  readonly components: any
  readonly engine: any
  readonly observed: Observed = { attempts: [], callers: [], connected: [], open: [], faults: [] }
  readonly #description: Description
  readonly #pipelines: any[]

  constructor (library: Library, description: Description) {
    this.#description = description
    this.network = new ScriptedNetwork(this.clock, description.network)
    this.#pipelines = description.pipelines.map(steps => library.pipeline(steps))
    this.components = library.testing.scriptedComponents({ clock: this.clock, network: this.network, peerId: SELF, ...this.#known() })
    const onConnected = (_dial: unknown, { remoteAddr }: any): void => { this.observed.connected.push(this.#stamp(remoteAddr.toString())) }
    // an older version takes the slots first, and then its events
    this.engine = new library.Engine(this.components, { ...this.components.settings, maxDialQueueLength: 500 }, this.#pipelines[0], {
      observer: () => ({ dialConnected: onConnected, connectionAdded: ({ connection }: any) => { onConnected(undefined, connection) } })
    }, { onConnected, onEnded: () => {} })
  }

  #stamp (text: string): string {
    return `${abbreviate(text)}@${this.clock.now() - EPOCH}`
  }

  async #answer<T> (place: string, answer: T, signal: AbortSignal = new AbortController().signal): Promise<T> {
    const ms = this.#description.delays[place] ?? 0

    return ms === 0 ? answer : sleep(ms, this.clock, signal).then(() => answer)
  }

  #addressesOf (place: string, peer: unknown): string[] {
    const n = PEERS.findIndex(one => one.toString() === String(peer))

    return (this.#description.known[`${place} ${n}`] ?? []).map(text => withPeer(text, n))
  }

  #known (): object {
    const { known, settings, isDenied } = this.#description

    return {
      connectionGater: { denyDialMultiaddr: async (address: unknown) => this.#answer('gater', isDenied && hash(`gater ${address}`) % 7 === 0) },
      peerStore: {
        merge: async () => {},
        get: async (id: unknown, options: any) => this.#stored(id, options)
      },
      peerRouting: { findPeer: async (id: unknown, options: any) => this.#answer('routing', { id, multiaddrs: this.#addressesOf('routing', id).map(text => multiaddr(text)) }, options?.signal) },
      addressBook: { query: (id: unknown) => this.#addressesOf('book', id).map(text => ({ multiaddr: multiaddr(text), isCertified: isCertified(text), provenance: [{ source: isCertified(text) ? 'certified' : 'identify' }] })) },
      transportManager: {
        getAddrs: () => [],
        dialTransportForMultiaddr: (address: unknown) => ({ [Symbol.toStringTag]: /\/(quic-v1|ws|p2p-circuit|tcp)/.exec(String(address))?.[1] ?? 'other' }),
        dial: async (address: Multiaddr, options: object) => this.network.attempts.length < MAX_ATTEMPTS ? this.network.dial(address, options) : never()
      },
      dns: { query: async (name: string) => this.#answer('names', { Answer: [{ type: 1, data: `192.0.2.${hash(name) % 14 + 1}` }] }) },
      settings: {
        ...settings,
        resolvers: {
          dnsaddr: {
            canResolve: (address: any) => address.toString().startsWith('/dnsaddr/'),
            resolve: async (address: any, { signal }: any) => this.#answer('names', (known[`names ${withoutPeer(address.toString())}`] ?? []).filter(text => !text.startsWith('/dnsaddr')).map(text => multiaddr(text)), signal)
          }
        }
      }
    }
  }

  async #stored (id: unknown, options: any): Promise<object> {
    const addresses = this.#addressesOf('store', id).map(text => ({ multiaddr: multiaddr(text), isCertified: isCertified(text) }))
    const signed = addresses.filter(({ isCertified }) => isCertified).map(({ multiaddr }) => multiaddr)
    const peerRecordEnvelope = this.#description.isProven && signed.length > 0 ? await recordOf(String(id), signed) : undefined

    return this.#answer('store', { id, addresses, peerRecordEnvelope, metadata: new Map(), protocols: [] }, options?.signal)
  }

  dial (caller: CallerDescription, place: number): void {
    const { at, peer, addresses, options, leavesAt, isOther } = caller
    const controller = new AbortController()
    const settle = (text: string): void => { this.observed.callers[place] = this.#stamp(text) }

    this.clock.setTimeout(() => {
      this.engine.dial(addresses.length === 0 ? PEERS[peer] : addresses.map(text => multiaddr(withPeer(text, peer))), {
        ...options,
        ...leavesAt == null ? {} : { signal: controller.signal },
        ...isOther ? { pipeline: this.#pipelines[1] } : {}
      }).then(({ remoteAddr }: any) => { settle(remoteAddr.toString()) }, (err: any) => { settle(String(err?.name)) })
    }, at)

    if (leavesAt != null) {
      this.clock.setTimeout(() => { controller.abort() }, at + leavesAt)
    }
  }

  async run (): Promise<Observed> {
    this.#description.callers.forEach((caller, i) => { this.dial(caller, i) })
    await this.clock.advance(LONG)
    this.engine.stop()
    await this.clock.advance(LONG)
    await settled()
    const attempts = this.network.attempts.toSorted((a, b) => a.at - b.at || a.multiaddr.localeCompare(b.multiaddr))
    this.observed.attempts = attempts.map(({ multiaddr, at }) => `${abbreviate(multiaddr)}@${at - EPOCH}`)
    this.observed.open = this.network.open.map(({ remoteAddr }) => abbreviate(remoteAddr.toString())).toSorted()
    this.observed.faults = takeFaults()

    return this.observed
  }
}

/** Runs a description with a version, on its own clock */
export async function perform (library: Library, description: Description): Promise<Observed> {
  takeFaults()

  let one: Case

  try {
    one = new Case(library, description)
  } catch (err: any) {
    return { attempts: [], callers: [], connected: [], open: [], faults: [], refused: String(err.name) }
  }

  return one.run()
}

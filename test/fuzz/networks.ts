import { peerIdFromString } from '@libp2p/peer-id'
import { sleep } from '../../src/pipeline/clock.ts'
import { PEERS, relayOf } from './addresses.ts'
import { behaviourOf, PROPER } from './behaviours.ts'
import { FakeConnection } from './fake-connection.ts'
import type { Behaviour } from './behaviours.ts'
import type { FuzzClock } from './fuzz-clock.ts'
import type { Connection, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The symbol with which the engine marks the options of a nested dial: the value is the attempt of the transport */
const NESTED = Symbol.for('libp2p-dial-pipeline.nested')

/**
 * The moments at which actions can happen. Quiet: the last attempt in flight has ended, and a dial may be about to end. Last call: a race asks for
 * more candidates before it ends
 */
export type Moment = 'attempt' | 'attempt-ended' | 'quiet' | 'last-call' | 'event' | 'connected' | 'settled'

/** Milliseconds for which a transport that ignores its signal dials a silent address */
const DEAF = 60_000

const UNHEARD = new AbortController().signal

/** The transports of a node. The seed decides the behaviour of every address */
export class Network {
  readonly connections: FakeConnection[] = []
  /** The number of dials of the transports */
  asked = 0
  #inFlight = 0
  /** The number of transport dials, by dial and address */
  readonly calls = new Map<object, Map<string, number>>()
  /** Dials a relay */
  dialRelay?: (peer: PeerId, options: object) => Promise<Connection>
  onMoment?: (moment: Moment) => void
  /** Whether the case is over: relays that are dialled without the mark of an attempt would otherwise dial each other for ever */
  isOver = false
  readonly #seed: number
  readonly #clock: FuzzClock
  readonly #failures = new Map<string, number>()
  readonly #proper = new Set<string>()

  constructor (seed: number, clock: FuzzClock) {
    this.#seed = seed
    this.#clock = clock
  }

  get open (): FakeConnection[] {
    return this.connections.filter(({ status }) => status === 'open')
  }

  /** Makes an address connect, whatever the seed says */
  mend (address: Multiaddr): void {
    this.#proper.add(address.toString())
  }

  add (connection: FakeConnection): FakeConnection {
    this.connections.push(connection)

    return connection
  }

  // not async: a transport may throw synchronously
  // oxlint-disable-next-line typescript/promise-function-async
  dial (address: Multiaddr, options: any): Promise<Connection> {
    const text = address.toString()
    const behaviour = this.#proper.has(text) ? PROPER : behaviourOf(this.#seed, text)
    this.#count(text, options)
    this.onMoment?.('attempt')

    if (behaviour.kind === 'throws') {
      throw behaviour.value as Error
    }

    this.#inFlight++

    return this.#run(address, behaviour, options).finally(() => {
      this.onMoment?.('attempt-ended')

      if (--this.#inFlight === 0) {
        this.onMoment?.('quiet')
      }
    })
  }

  #count (address: string, options: any): void {
    this.asked++

    for (const dial of options[NESTED]?.dials ?? []) {
      const counts = this.calls.get(dial) ?? new Map<string, number>()
      this.calls.set(dial, counts.set(address, (counts.get(address) ?? 0) + 1))
    }
  }

  async #run (address: Multiaddr, { kind, after, fails, firstResponse, isDeaf, fault, isLimited, isWrongPeer, closes, passes, value }: Behaviour, options: any): Promise<Connection> {
    const text = address.toString()
    const relay = relayOf(address)
    // an aborted WebSocket goes on until it connects or fails
    const isStubborn = isDeaf || text.includes('/ws')
    const signal = isStubborn ? UNHEARD : options.signal as AbortSignal

    if (relay != null && passes === 'nothing' && this.isOver) {
      throw new Error('The script is over')
    }

    if (relay != null) {
      await this.dialRelay?.(peerIdFromString(relay), passes === 'all' ? options : passes === 'signal' ? { signal: options.signal } : {})
    }

    if (firstResponse != null) {
      await sleep(firstResponse, this.#clock, signal)
      options.onProgress?.({ type: 'upgrader:encrypt-outbound-connection' })
    }

    if (kind === 'silent') {
      await sleep(isStubborn ? DEAF : 2 ** 30, this.#clock, signal)
      throw new Error('Silent')
    }

    await sleep(after - (firstResponse ?? 0), this.#clock, signal)
    const failures = this.#failures.get(text) ?? 0
    this.#failures.set(text, failures + 1)

    if (kind === 'refuses' || failures < fails) {
      throw new Error(`connect ECONNREFUSED ${text}`)
    }

    if (kind === 'answers nonsense') {
      return value as Connection
    }

    const connection = this.add(new FakeConnection(address, { peer: isWrongPeer ? PEERS[3] : undefined, fault, isLimited }))

    if (kind === 'answers closed') {
      connection.end('closed')
    } else if (closes != null) {
      this.#clock.setTimeout(() => { connection.end('closed') }, closes)
    }

    return connection as unknown as Connection
  }
}

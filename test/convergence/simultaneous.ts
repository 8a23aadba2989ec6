import { setTimeout as sleep } from 'node:timers/promises'
import { identify } from '@libp2p/identify'
import { adaptive } from '../../presets/index.ts'
import { dialer } from '../../src/index.ts'
import { BACKGROUND } from '../../src/convergence/connection-drain.ts'
import { attemptTimeout, converge, dialable, fromCaller, gater, pipeline, race } from '../../src/stages/index.ts'
import { fastClock } from '../helpers/fast-clock.ts'
import { createNode } from '../helpers/node.ts'
import { PATIENCE } from '../helpers/open-handles.ts'
import type { NodeOptions } from '../helpers/node.ts'
import type { DialerInit, DialPipeline } from '../../src/index.ts'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const PROTOCOL = '/test/simultaneous/1'

/** Stream options that accept limited connections */
const ON_ANY = { runOnLimitedConnection: true }

/** The factor by which the clock of a configured dialer is faster: a round then takes a third of a second */
const FACTOR = 10

/** Milliseconds for which an unconfigured dialer keeps a connection without streams */
const IDLE = 30_000

/** The maximum number of tries of a dial */
const TRIES = 10

/** A race with a timeout that suits the fast clock */
const unhurried = race({ attempt: [attemptTimeout(PATIENCE * FACTOR)] })

/** The pipeline of a second dial: with the same pipeline it would join the first */
const other = pipeline(fromCaller(), dialable(), gater(), unhurried)

/** Long timeouts, so that nothing fails on a busy machine */
const connectionManager = { addressDialTimeout: PATIENCE, dialTimeout: PATIENCE, inboundUpgradeTimeout: PATIENCE, inboundStreamProtocolNegotiationTimeout: PATIENCE, outboundStreamProtocolNegotiationTimeout: PATIENCE }

/** Milliseconds by which one end may be ahead of the other */
const STEP = 10

/** The dialer of an end whose connections converge */
export interface ConvergingDialer {
  readonly pipeline: DialPipeline
  readonly init: DialerInit
  /** The factor by which its clock is faster than the system's */
  readonly factor: number
  /** Milliseconds of system time until a connection without streams is closed */
  readonly idle: number
  /** Milliseconds between two streams of an end */
  readonly pause: number
  /** Milliseconds in which every second stream uses an arbitrary connection, as an application with a stored connection does */
  readonly straysFor: number
}

/** A dialer with its own pipeline, which closes idle connections soon */
export const CONFIGURED: ConvergingDialer = {
  pipeline: pipeline(fromCaller(), dialable(), gater(), unhurried, converge()),
  init: { clock: fastClock(FACTOR), convergence: { idle: 100 } },
  factor: FACTOR,
  idle: 100 / FACTOR,
  pause: 5,
  straysFor: Infinity
}

/** `dialer(adaptive())` */
export const UNCONFIGURED: ConvergingDialer = { pipeline: adaptive(), init: {}, factor: 1, idle: IDLE, pause: 100, straysFor: 1_000 }

export interface Outcome {
  rounds: number
  /** Rounds after which both ends have the same single connection */
  converged: number
  /** Rounds after which each end with the rule has at most one connection that it dialled */
  thinned: number
  /** Rounds after which an end has no connection */
  lost: number
  /** The number of connections in all rounds */
  connections: number
  /** Streams that were opened while connections were closed: successful ones, and ones that crossed with a close */
  streams: number
  crossed: number
  /** Streams that were open at the closing end when it began to close their connection */
  cut: number
  /** Dials that took too long and were repeated */
  repeated: number
}

export interface SimultaneousInit {
  pairs: number
  /** The rounds of each pair */
  rounds: number
  /** Whether both ends, or only one, have the rule */
  rule: 'both' | 'one'
  /** @default CONFIGURED */
  dialer?: ConvergingDialer
  /** The options of each end, which listens at two addresses. Default: TCP and WebSockets on the loopback interface */
  node?: NodeOptions<any>
  /**
   * Milliseconds after which a dial is repeated, for transports that get stuck
   *
   * @default 60000
   */
  tryFor?: number
}

/** Has both nodes of each pair dial each other over two transports at the same moment, in several rounds, while they open streams */
export async function simultaneous ({ pairs, rounds, rule, dialer = CONFIGURED, node = {}, tryFor = PATIENCE }: SimultaneousInit): Promise<Outcome> {
  const outcome: Outcome = { rounds: 0, converged: 0, thinned: 0, lost: 0, connections: 0, streams: 0, crossed: 0, cut: 0, repeated: 0 }

  await Promise.all(Array.from({ length: pairs }, async () => {
    const ends = await Promise.all([true, rule === 'both'].map(async hasRule => End.create({ outcome, hasRule, dialer, node, tryFor }))) as [End, End]

    try {
      for (let round = 0; round < rounds; round++) {
        await meet(ends, outcome)
      }
    } finally {
      await Promise.all(ends.map(async ({ node }) => node.stop()))
    }
  }))

  return outcome
}

async function meet ([one, two]: readonly [End, End], outcome: Outcome): Promise<void> {
  one.isDone = two.isDone = false
  await Promise.all([one.dial(two), two.dial(one)])
  outcome.rounds++

  const busy = new AbortController()
  const talks = [one.talk(two, busy.signal), two.talk(one, busy.signal)]
  const { dialer: { factor, idle } } = one
  const end = performance.now() + idle + PATIENCE

  while (!isThinned(one, two) && one.to(two).length > 0 && performance.now() < end) {
    await sleep(STEP)
  }

  // time for further connections to close
  await sleep(3_000 / factor)
  busy.abort()
  await Promise.all(talks)
  one.isDone = two.isDone = true

  outcome.thinned += isThinned(one, two) ? 1 : 0

  if (one.to(two).length === 0 || two.to(one).length === 0) {
    outcome.lost++
  } else if (isOne(one, two) && await one.reaches(two) === two.to(one)[0]) {
    outcome.converged++
  }

  await Promise.all([...one.to(two), ...two.to(one)].map(async connection => connection.close().catch(err => { connection.abort(err) })))

  while (one.to(two).length > 0 || two.to(one).length > 0) {
    await sleep(STEP)
  }
}

function isOne (one: End, two: End): boolean {
  return one.to(two).length === 1 && two.to(one).length === 1
}

/** Returns whether no connection is left that the rule would close */
function isThinned (one: End, two: End): boolean {
  return one.hasRule && two.hasRule ? isOne(one, two) : one.to(two).filter(({ direction }) => direction === 'outbound').length <= 1
}

interface EndInit {
  outcome: Outcome
  hasRule: boolean
  dialer: ConvergingDialer
  node: NodeOptions<any>
  tryFor: number
}

class End {
  readonly node: Libp2p
  readonly hasRule: boolean
  readonly dialer: ConvergingDialer
  /** Whether the round is over: from now on the test closes the connections */
  isDone = false
  readonly #outcome: Outcome
  readonly #tryFor: number
  #received: (connection: Connection) => void = () => {}

  constructor (node: Libp2p, { outcome, hasRule, dialer, tryFor }: EndInit) {
    this.node = node
    this.hasRule = hasRule
    this.dialer = dialer
    this.#outcome = outcome
    this.#tryFor = tryFor
  }

  static async create (init: EndInit): Promise<End> {
    const { hasRule, dialer: own, node: { services, ...options } } = init
    const node = await createNode({ connectionManager, ...options, services: { identify: identify(), ...services, ...(hasRule ? { dialer: dialer(own.pipeline, own.init) } : {}) } })
    const end = new End(node, init)

    await node.handle(PROTOCOL, (stream, connection) => {
      end.#received(connection)
      echo(stream)
    }, ON_ANY)

    node.addEventListener('connection:open', ({ detail }) => { end.#watch(detail) })

    return end
  }

  to ({ node }: End): Connection[] {
    return this.node.getConnections(node.peerId).filter(({ status }) => status === 'open')
  }

  /** Dials both addresses, with one dial for each where possible */
  async dial ({ node }: End): Promise<void> {
    const [one, two] = node.getMultiaddrs() as [Multiaddr, Multiaddr]
    const first = this.#connect(one, ON_ANY)

    if (!this.hasRule) {
      await first
    }

    await Promise.all([first, this.#connect(two, this.hasRule ? { pipeline: other } : {})])
  }

  async #connect (address: Multiaddr, options: object): Promise<Connection> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.node.dial(address, { ...options, force: true, signal: AbortSignal.timeout(this.#tryFor) })
      } catch (err) {
        if (tries === TRIES) {
          throw err
        }

        this.#outcome.repeated++
      }
    }
  }

  /** Opens one stream after another until the signal aborts, on the connection that the node chooses, or on an arbitrary one */
  async talk (other: End, signal: AbortSignal): Promise<void> {
    const { pause, straysFor } = this.dialer
    const end = performance.now() + straysFor

    for (let n = 0; !signal.aborted; n++) {
      const connections = this.to(other)
      const any = n % 2 === 0 || performance.now() > end ? undefined : connections[Math.floor(Math.random() * connections.length)]

      try {
        const stream = await (any?.newStream(PROTOCOL, ON_ANY) ?? this.node.dialProtocol(other.node.peerId, PROTOCOL, ON_ANY))
        const ended = over(stream)
        stream.send(new Uint8Array(1_000))
        await stream.close()
        await ended
        this.#outcome.streams++
      } catch {
        this.#outcome.crossed++
      }

      await sleep(pause)
    }
  }

  /** Returns the connection of the other end that belongs to the connection of this end */
  async reaches (other: End): Promise<Connection> {
    const received = new Promise<Connection>(resolve => { other.#received = resolve })
    const stream = await this.to(other)[0]?.newStream(PROTOCOL, ON_ANY)
    stream?.abort(new Error('That is all'))

    return received
  }

  #watch (connection: Connection): void {
    this.#outcome.connections += connection.direction === 'outbound' ? 1 : 0
    const close = connection.close.bind(connection)

    connection.close = async options => {
      if (connection.status === 'open' && !this.isDone) {
        this.#outcome.cut += connection.streams.filter(({ protocol }) => !BACKGROUND.includes(protocol)).length
      }

      return close(options)
    }
  }
}

function echo (stream: Stream): void {
  stream.addEventListener('message', ({ data }) => { stream.send(data) })
  stream.addEventListener('remoteCloseWrite', () => { stream.close().catch(err => { stream.abort(err) }) })
}

/** Resolves when the stream has ended. @throws the error of a reset */
async function over (stream: Stream): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    stream.addEventListener('close', ({ error }) => {
      if (error == null) {
        resolve()
      } else {
        reject(error)
      }
    }, { once: true })
  })
}

import { setTimeout as sleep } from 'node:timers/promises'
import { identify } from '@libp2p/identify'
import { dialer } from '../../src/index.ts'
import { BACKGROUND } from '../../src/convergence/drain.ts'
import { attemptTimeout, converge, dialable, fromCaller, gater, pipeline, race } from '../../src/stages/index.ts'
import { fastClock } from '../helpers/fast-clock.ts'
import { createNode } from '../helpers/node.ts'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'

const PROTOCOL = '/test/simultaneous/1'

/** How much faster time goes by for the dialers: a round takes a third of a second */
const FACTOR = 10

/** Milliseconds after which a pair that has not converged never will */
const PATIENCE = 10_000

/** On a clock that is fast */
const unhurried = race({ attempt: [attemptTimeout(PATIENCE * FACTOR)] })

/** Milliseconds in which one end may have what is not there for the other yet */
const STEP = 10

export interface Outcome {
  rounds: number
  /** Both ends have one connection, and it is the same */
  converged: number
  /** Of what each end with the rule has dialled, one at most is left */
  thinned: number
  /** Nobody is connected to the other any more */
  lost: number
  /** How many connections there were in all rounds */
  connections: number
  /** Streams that were opened while connections were closed: that worked, and that crossed with a close */
  streams: number
  crossed: number
  /** Streams that the end which closes a connection had open on it when it began */
  cut: number
}

export interface SimultaneousInit {
  pairs: number
  /** Of each pair */
  rounds: number
  /** Whose connections converge */
  rule: 'both' | 'one'
}

/** Pairs of nodes of which both dial the other over two transports at the same moment, and again, while they open streams */
export async function simultaneous ({ pairs, rounds, rule }: SimultaneousInit): Promise<Outcome> {
  const outcome: Outcome = { rounds: 0, converged: 0, thinned: 0, lost: 0, connections: 0, streams: 0, crossed: 0, cut: 0 }

  await Promise.all(Array.from({ length: pairs }, async () => {
    const ends = await Promise.all([End.create(outcome, true), End.create(outcome, rule === 'both')])

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
  const end = performance.now() + PATIENCE

  while (!isThinned(one, two) && one.to(two).length > 0 && performance.now() < end) {
    await sleep(STEP)
  }

  // whatever else would be closed
  await sleep(3_000 / FACTOR)
  busy.abort()
  await Promise.all(talks)
  one.isDone = two.isDone = true

  outcome.thinned += isThinned(one, two) ? 1 : 0

  if (one.to(two).length === 0 || two.to(one).length === 0) {
    outcome.lost++
  } else if (isOne(one, two) && await one.reaches(two) === two.to(one)[0]) {
    outcome.converged++
  }

  await Promise.all([...one.to(two), ...two.to(one)].map(async connection => connection.close()))

  while (one.to(two).length > 0 || two.to(one).length > 0) {
    await sleep(STEP)
  }
}

function isOne (one: End, two: End): boolean {
  return one.to(two).length === 1 && two.to(one).length === 1
}

/** Nothing is left that the rule would have closed */
function isThinned (one: End, two: End): boolean {
  return one.hasRule && two.hasRule ? isOne(one, two) : one.to(two).filter(({ direction }) => direction === 'outbound').length <= 1
}

class End {
  readonly node: Libp2p
  readonly hasRule: boolean
  /** What is closed from now on is closed by the test */
  isDone = false
  readonly #outcome: Outcome
  #received: (connection: Connection) => void = () => {}

  constructor (node: Libp2p, hasRule: boolean, outcome: Outcome) {
    this.node = node
    this.hasRule = hasRule
    this.#outcome = outcome
  }

  static async create (outcome: Outcome, hasRule: boolean): Promise<End> {
    const dials = pipeline(fromCaller(), dialable(), gater(), unhurried, converge())
    const node = await createNode({ services: { identify: identify(), ...(hasRule ? { dialer: dialer(dials, { clock: fastClock(FACTOR), convergence: { idle: 100 } }) } : {}) } })
    const end = new End(node, hasRule, outcome)

    await node.handle(PROTOCOL, (stream, connection) => {
      end.#received(connection)
      echo(stream)
    })

    node.addEventListener('connection:open', ({ detail }) => { end.#watch(detail) })

    return end
  }

  to ({ node }: End): Connection[] {
    return this.node.getConnections(node.peerId).filter(({ status }) => status === 'open')
  }

  /** Over both transports: a dial of its own for each, where that can be */
  async dial ({ node }: End): Promise<void> {
    const [tcp, ws] = node.getMultiaddrs()

    if (tcp == null || ws == null) {
      throw new Error('It does not listen')
    }

    const other = pipeline(fromCaller(), dialable(), gater(), unhurried)
    const signal = AbortSignal.timeout(PATIENCE)
    const first = this.node.dial(tcp, { force: true, signal })

    if (!this.hasRule) {
      await first
    }

    await Promise.all([first, this.node.dial(ws, { force: true, signal, ...(this.hasRule ? { pipeline: other } : {}) })])
  }

  /** One stream after the other, until the signal aborts: on the connection that the node chooses, or on any */
  async talk (other: End, signal: AbortSignal): Promise<void> {
    for (let n = 0; !signal.aborted; n++) {
      const connections = this.to(other)
      const any = n % 2 === 0 ? undefined : connections[Math.floor(Math.random() * connections.length)]

      try {
        const stream = await (any?.newStream(PROTOCOL) ?? this.node.dialProtocol(other.node.peerId, PROTOCOL))
        const ended = over(stream)
        stream.send(new Uint8Array(1_000))
        await stream.close()
        await ended
        this.#outcome.streams++
      } catch {
        this.#outcome.crossed++
      }

      await sleep(5)
    }
  }

  /** The connection of the other end over which this end's comes */
  async reaches (other: End): Promise<Connection> {
    const received = new Promise<Connection>(resolve => { other.#received = resolve })
    const stream = await this.to(other)[0]?.newStream(PROTOCOL)
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

/** @throws when it was reset */
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

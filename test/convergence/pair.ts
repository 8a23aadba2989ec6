import { sleep } from '../../src/pipeline/clock.ts'
import { settled, VirtualClock } from '../../src/testing/virtual-clock.ts'
import { FakeConnection, FakeNode, QUIC, RELAY, TCP, WS } from './fakes.ts'
import type { ConvergenceInit } from '../../src/pipeline/convergence-init.ts'
import type { FakeStream } from './fakes.ts'

export const ADDRESSES = [RELAY, TCP, WS, QUIC] as const

export const NAMES = ['m', 'z'] as const

/** Milliseconds, longer than any drain lasts */
const LONG = 1_000_000

/** Libp2p's default time limit of a new stream, in milliseconds */
const NEGOTIATION_TIMEOUT = 10_000

/** An event in the life of two nodes. Connections and streams are named by their index among the open ones */
export type Action =
  | { type: 'open', by: 0 | 1, to: number, isLimited: boolean, delay: number, isOfDial: boolean }
  | { type: 'stream', at: 0 | 1, nth: number, background: boolean }
  | { type: 'finish', nth: number }
  | { type: 'close', at: 0 | 1, nth: number }
  | { type: 'rtt', at: 0 | 1, nth: number, rtt: number }
  | { type: 'mute', at: 0 | 1, nth: number, how: 'answers' | 'slow' | 'hangs' | 'fails' }
  | { type: 'toggle', at: 0 | 1 }
  | { type: 'full', at: 0 | 1, isFull: boolean }
  | { type: 'release', at: 0 | 1, nth: number }
  | { type: 'wait', ms: number }

/** One connection with its two ends */
export interface Link {
  readonly ends: [FakeConnection, FakeConnection]
  readonly by: 0 | 1
  /** Whether both ends know of the connection */
  isOpen: boolean
  released: [boolean, boolean]
  /** The time at which each end received an answer over the connection */
  answeredAt: [number, number]
  streams: Array<[FakeStream, FakeStream]>
}

/** Two nodes with the policy. Nothing happens between them except the actions of the test */
export class Pair {
  readonly clock = new VirtualClock(0)
  readonly nodes: [FakeNode, FakeNode]
  readonly links: Link[] = []
  readonly faults: string[] = []
  /** The connections that the test closed, not convergence */
  readonly #byWorld = new Set<FakeConnection>()

  constructor (inits: readonly ConvergenceInit[]) {
    this.nodes = NAMES.map((name, i) => new FakeNode(inits[i], name, this.clock)) as [FakeNode, FakeNode]
  }

  open ({ by, to, isLimited, delay, isOfDial }: Action & { type: 'open' }): void {
    const ends = ([0, 1] as const).map(at => new FakeConnection({ to: ADDRESSES[to], isLimited: to === 0 && isLimited, direction: at === by ? 'outbound' : 'inbound', remotePeer: NAMES[1 - at] })) as Link['ends']
    const link: Link = { ends, by, isOpen: false, released: [false, false], answeredAt: [-1, -1], streams: [] }
    this.links.push(link)
    ends.forEach((end, at) => {
      this.#answer(link, at as 0 | 1, 'answers')
      end.close = async () => {
        if (end.status === 'open') {
          this.#check(link, at)
          this.#gone(link)
        }
      }
    })
    // one end has the connection earlier than the other
    const [first, second] = by === 0 ? [1, 0] : [0, 1]
    this.nodes[first as 0 | 1].add(ends[first as 0 | 1])
    this.clock.setTimeout(() => {
      if (ends[second as 0 | 1].status === 'open') {
        link.isOpen = true
        this.nodes[second as 0 | 1].add(ends[second as 0 | 1])

        if (isOfDial) {
          this.nodes[second as 0 | 1].convergence.accepted(ends[second as 0 | 1].real)
        }
      }
    }, delay)
  }

  /** Checks a connection that convergence closes */
  #check (link: Link, at: number): void {
    const end = link.ends[at] as FakeConnection

    if (this.#byWorld.has(end)) {
      return
    }

    const others = this.links.filter(other => other !== link && other.isOpen && other.answeredAt[at as 0 | 1] === this.clock.now() && other.ends.every(({ status }) => status === 'open'))

    if (link.streams.length > 0) {
      this.faults.push('closed one with a stream')
    }

    if (others.length === 0) {
      this.faults.push('closed the last one')
    }

    if (link.by !== at && !link.released[at as 0 | 1]) {
      this.faults.push('closed what the other end has dialled')
    }

    if (!this.nodes[at as 0 | 1].isActive) {
      this.faults.push('closed while it was off')
    }
  }

  #answer (link: Link, at: 0 | 1, how: (Action & { type: 'mute' })['how']): void {
    link.ends[at].answer = async () => {
      if (how === 'fails') {
        throw new Error('No')
      }

      // the other end can answer only after it has the connection too
      while (!link.isOpen) {
        await sleep(10, this.clock, new AbortController().signal)
      }

      if (how !== 'answers') {
        await sleep(how === 'hangs' ? NEGOTIATION_TIMEOUT : 1_000, this.clock, new AbortController().signal)
      }

      if (how === 'hangs') {
        throw new Error('Timed out')
      }

      link.answeredAt[at] = this.clock.now()
    }
  }

  #gone (link: Link): void {
    link.streams.splice(0).forEach(streams => { streams.forEach((stream, at) => { link.ends[at as 0 | 1].finish(stream) }) })
    link.ends.forEach((end, at) => {
      if (end.status === 'open') {
        end.status = 'closed'
        this.nodes[at as 0 | 1].remove(end)
      }
    })
  }

  at (nth: number): Link | undefined {
    const open = this.links.filter(({ isOpen, ends }) => isOpen && ends.every(({ status }) => status === 'open'))

    return open[nth % open.length]
  }

  async do (one: Action): Promise<void> {
    switch (one.type) {
      case 'open': this.open(one); break
      case 'stream': {
        const link = this.at(one.nth)

        if (link != null) {
          const protocol = one.background ? '/ipfs/ping/1.0.0' : '/chat'
          link.ends[one.at].newStream(protocol).catch(() => {})
          const streams = link.ends.map(end => end.open(protocol)) as [FakeStream, FakeStream]

          if (!one.background) {
            link.streams.push(streams)
          }
        }
        break
      }
      case 'finish': {
        const link = this.links.filter(({ streams }) => streams.length > 0)[one.nth % Math.max(1, this.links.filter(({ streams }) => streams.length > 0).length)]
        const [streams] = link?.streams.splice(0, 1) ?? []
        streams?.forEach((stream, at) => { link?.ends[at as 0 | 1].finish(stream) })
        break
      }
      case 'close': {
        const link = this.at(one.nth)

        if (link != null) {
          this.#byWorld.add(link.ends[one.at])
          await link.ends[one.at].close()
        }
        break
      }
      case 'rtt': this.at(one.nth)?.ends.forEach(end => { end.rtt = one.rtt }); break
      case 'mute': {
        const link = this.at(one.nth)

        if (link != null) {
          this.#answer(link, one.at, one.how)
        }
        break
      }
      case 'toggle': {
        const node = this.nodes[one.at]
        node.isActive = !node.isActive
        node.convergence.isOn = node.isActive
        break
      }
      case 'full': this.nodes[one.at].maxConnections = one.isFull ? 0 : Infinity; break
      case 'release': {
        const link = this.at(one.nth)

        if (link != null && this.nodes[one.at].convergence.release(link.ends[one.at].real)) {
          link.released[one.at] = true
        }
        break
      }
      case 'wait': await this.clock.advance(one.ms)
    }

    await settled()
  }

  async calm (): Promise<void> {
    this.links.forEach(link => {
      link.streams.splice(0).forEach(streams => { streams.forEach((stream, at) => { link.ends[at as 0 | 1].finish(stream) }) })
      link.ends.forEach((end, at) => {
        this.#answer(link, at as 0 | 1, 'answers')
        end.rtt = undefined
      })
    })
    this.nodes.forEach(node => {
      node.isActive = true
      node.convergence.isOn = true
      node.maxConnections = Infinity
    })
    await this.clock.advance(LONG)
  }
}

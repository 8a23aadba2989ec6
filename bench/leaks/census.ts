import { getEventListeners } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { queryObjects } from 'node:v8'
import { AbstractMultiaddrConnection } from '@libp2p/utils'
import { openHandles } from '../../test/helpers/open-handles.ts'
import { poll } from '../../test/helpers/until.ts'
import { retained } from '../../test/leaks/retained.ts'
import type { Place } from '../../test/leaks/places.ts'
import type { Libp2p } from '@libp2p/interface'

/** The number of objects of each kind */
export type Counts = Readonly<Record<string, number>>

export interface Left {
  /** The handles that were open two seconds after the load. Counting stops earlier if there are none */
  readonly open: Counts
  /** Milliseconds until all of them were closed. Undefined: some stayed open */
  readonly goneAfter?: number
  /** The objects that were still reachable at the end */
  readonly objects: Counts
}

/** Milliseconds in which an orderly close ends */
const SOON = 2_000
/** Milliseconds in which everything ends that ends by itself, except for a five-minute timeout */
const PATIENCE = 40_000
/** Milliseconds of rest before objects are counted: the timeout of a close keeps the closed object reachable for one second */
const CALM = 3_000
const STEP = 100

const DESCRIPTORS = '/proc/self/fd'

/** Counts the open handles and reachable objects of two nodes and the relays between them. One node dials the other */
export class Census {
  readonly #node: Libp2p
  readonly #others: readonly Libp2p[]
  readonly #signals: AbortSignal[] = []
  readonly #connection: Function
  #dials = 0
  #before: Counts = {}

  /** @param connection any connection of the node, for its class */
  constructor (node: Libp2p, { remote, relays }: Place, connection: object) {
    this.#node = node
    this.#others = [remote, ...relays]
    this.#connection = connection.constructor
    this.#watch()
  }

  /** Sets the baseline: existing handles and objects are no leaks */
  begin (): void {
    this.#before = { ...this.#open(), ...this.#objects() }
  }

  async end (): Promise<Left> {
    const begun = performance.now()
    const open = await poll(() => this.#more(this.#open), isNothing, SOON)
    let now = open

    while (!isNothing(now) && performance.now() - begun < PATIENCE) {
      await sleep(STEP)
      now = this.#more(this.#open)
    }

    const goneAfter = performance.now() - begun
    await sleep(CALM)

    return { open, goneAfter: isNothing(now) ? goneAfter : undefined, objects: this.#more(() => this.#objects()) }
  }

  #more (count: () => Counts): Counts {
    const counts = Object.entries(count()).map(([kind, count]) => [kind, count - (this.#before[kind] ?? 0)] as const)

    return Object.fromEntries(counts.filter(([, count]) => count > 0))
  }

  readonly #open = (): Counts => {
    return {
      ...openHandles(),
      // counts descriptors of native code too. Only some platforms list them as files
      'file descriptor': existsSync(DESCRIPTORS) ? readdirSync(DESCRIPTORS).length : 0,
      'listener of a caller': this.#signals.reduce((sum, signal) => sum + getEventListeners(signal, 'abort').length, 0),
      'dial of the queue': this.#node.getDialQueue().length,
      'dial of the transport': this.#dials,
      'connection tracked here': this.#node.getConnections().length,
      'connection tracked there': this.#others.reduce((sum, other) => sum + other.getConnections(this.#node.peerId).length, 0),
      'stream here': streams(this.#node),
      'stream there': this.#others.reduce((sum, other) => sum + streams(other), 0)
    }
  }

  /** Counts reachable objects. Each call collects all garbage and blocks timers, so call it rarely */
  #objects (): Counts {
    return {
      'Connection': queryObjects(this.#connection) as number,
      'MultiaddrConnection': queryObjects(AbstractMultiaddrConnection) as number,
      'Socket': queryObjects(Socket) as number,
      'WebSocket': queryObjects(WebSocket) as number,
      ...retained()
    }
  }

  /** Wraps the dial functions: the signals of callers and running transport dials are not visible from outside */
  #watch (): void {
    // `any`: the components of a node are not in its type
    const node = this.#node as any
    const { transportManager } = node.components
    const [dial, transportDial] = [node.dial, transportManager.dial]

    node.dial = (target: unknown, options: any = {}): unknown => {
      if (options.signal != null && !this.#signals.includes(options.signal)) {
        this.#signals.push(options.signal)
      }

      return dial.call(node, target, options)
    }

    transportManager.dial = async (...args: unknown[]): Promise<unknown> => {
      this.#dials++

      try {
        return await transportDial.apply(transportManager, args)
      } finally {
        this.#dials--
      }
    }
  }
}

function isNothing (counts: Counts): boolean {
  return Object.keys(counts).length === 0
}

function streams (node: Libp2p): number {
  return node.getConnections().reduce((sum, connection) => sum + connection.streams.length, 0)
}

import { setTimeout as sleep } from 'node:timers/promises'
import { staggered } from '../../presets/index.ts'
import { dialer } from '../../src/index.ts'
import { stagger } from '../../src/stages/index.ts'
import { createNode } from '../../test/helpers/node.ts'
import { abortDials, Dawdle, loseAttempts } from '../../test/leaks/load.ts'
import { Census } from './census.ts'
import { WAYS } from './ways.ts'
import type { Left } from './census.ts'
import type { Moments } from '../../test/leaks/load.ts'
import type { Connection, Libp2p } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

export type Load = 'aborted' | 'lost' | 'blackhole' | 'silence'

export interface Trial {
  readonly way: string
  readonly load: Load
  /** Whether the dialer of this package is attached */
  readonly isOurs: boolean
  readonly count: number
}

export interface Outcome extends Left {
  /** The moments of the aborts. Undefined: the load aborts nothing */
  readonly moments?: Moments
  /** The number of dials that failed although nobody aborted them. They count like the aborted ones */
  readonly failed?: number
}

/** Milliseconds after which libp2p's dialer gives up the slow address, and after which the pipeline starts the next one */
const TIMEOUT = 100
const STAGGER = 10

/** Runs a load with one kind of dialer, and returns what is left of it: sockets, timers, listeners and heap */
export async function runLoad ({ way: name, load, isOurs, count }: Trial): Promise<Outcome> {
  const way = WAYS.find(way => way.name === name)

  if (way == null) {
    throw new Error(`There is no ${name}`)
  }

  const isLost = load === 'lost'
  const dawdle = new Dawdle(isOurs ? 4 * STAGGER : 2.5 * TIMEOUT)
  const place = await way.place()
  const pipeline = isLost ? staggered().replace('stagger', stagger(STAGGER)) : staggered()

  const node = await createNode<any>({
    ...place.dialling,
    listen: [],
    connectionGater: isLost ? dawdle.gater : {},
    connectionManager: isLost && !isOurs ? { addressDialTimeout: TIMEOUT } : {},
    services: { ...place.dialling.services, ...isOurs && { dialer: dialer(pipeline, { traces: 0 }) } }
  })

  const trap = load === 'blackhole' ? await way.blackhole?.(place.addresses[0]) : load === 'silence' ? await way.silence?.(place.addresses[0]) : undefined

  if (way.isRelayed === true) {
    await Promise.all(place.relays.map(async relay => node.dial(relay.getMultiaddrs())))
    // waits until identify and the upkeep of the connections have finished
    await sleep(1_500)
  }

  const restore = async (): Promise<void> => {
    await dawdle.idle()

    if (way.isRelayed !== true) {
      await Promise.all(place.relays.flatMap(({ peerId }) => node.getConnections(peerId)).map(async connection => connection.close()))
    }
  }

  const first = await warmUp(node, place.addresses)
  const census = new Census(node, place, first)
  await first.close()
  await restore()
  await sleep(500)
  census.begin()

  // the first address is slow, the second is not
  dawdle.address = place.addresses[0]
  const loaded = { node, addresses: place.addresses, restore, isAbort: isOurs ? undefined : () => true }
  const done = trap != null
    ? { moments: await abortIn(node, trap.multiaddr, count) }
    : isLost ? { failed: await loseAttempts(loaded, count, new AbortController().signal) } : { moments: await abortDials(loaded, count) }

  return { ...done, ...await census.end() }
}

/** Dials until one dial succeeds: the first one of a process may take longer than TIMEOUT */
async function warmUp (node: Libp2p, addresses: readonly Multiaddr[], tries = 20): Promise<Connection> {
  try {
    return await node.dial([...addresses])
  } catch (err) {
    if (tries === 1) {
      throw err
    }

    return warmUp(node, addresses, tries - 1)
  }
}

/** Dials an address that never answers, and aborts each dial within a few milliseconds */
async function abortIn (node: Libp2p, address: Multiaddr, count: number): Promise<Moments> {
  for (let i = 0; i < count; i++) {
    const controller = new AbortController()
    const dial = node.dial(address, { signal: controller.signal }).then(() => { throw new Error(`${address} answers`) }, () => {})
    await sleep(Math.random() * 5)
    controller.abort()
    await dial
  }

  return {}
}

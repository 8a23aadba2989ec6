import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { until } from '../helpers/open-handles.ts'
import type { ConnectionGater, Libp2p } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** What a load is put on, whichever its dialer */
export interface Loaded {
  readonly node: Libp2p
  readonly addresses: readonly [Multiaddr, Multiaddr]
  /** Called after each dial: makes all as it was before */
  restore (): Promise<void>
  /** How a dialer that is not ours may fail after an abort. Default: with nothing but the reason of that */
  isAbort?: (error: unknown) => boolean
}

/** How often each was the last event of a dial when that was aborted */
export type Moments = Readonly<Record<string, number>>

/** If more dials than these are needed for each that counts, something is wrong */
const TRIES = 10

const SELECTED = 'transport-manager:selected-transport'

/** Dials until so many were aborted before they had connected, at moments all over the dial */
export async function abortDials ({ node, addresses, restore, isAbort = () => false }: Loaded, count: number): Promise<Moments> {
  const usual = await measure({ node, addresses, restore })
  const moments: Record<string, number> = {}
  let aborted = 0

  for (let tries = 0; aborted < count; tries++) {
    checkTries(tries, count)
    const controller = new AbortController()
    const events: string[] = []
    // most of the time nothing happens, and much in a short while: half of them by what happens
    const isTime = Math.random() < 0.5
    const turn = Math.random() * usual.turns
    const event = Math.ceil(Math.random() * usual.events)
    let moment = ''

    const abort = (): void => {
      moment = events.at(-1) ?? 'nothing'
      controller.abort()
    }

    const dial = node.dial([...addresses], {
      force: true,
      signal: controller.signal,
      onProgress: ({ type }) => {
        if (events.push(type) === event && !isTime) {
          void turns(Math.random() < 0.5 ? 0 : Math.random() * 5).then(abort)
        }
      }
    })

    const later = isTime ? turns(turn).then(abort) : undefined

    try {
      const connection = await dial
      await later
      await connection.close()
    } catch (err) {
      if (!controller.signal.aborted || (err !== controller.signal.reason && !isAbort(err))) {
        throw err
      }

      moments[moment] = (moments[moment] ?? 0) + 1
      aborted++
    }

    await restore()
  }

  return moments
}

/** Dials until so many have connected after a second attempt had begun. Answers how many have failed meanwhile */
export async function loseAttempts ({ node, addresses, restore }: Loaded, count: number, signal?: AbortSignal): Promise<number> {
  let lost = 0
  let failed = 0

  for (let tries = 0; lost < count; tries++) {
    checkTries(tries, count)
    const transports: string[] = []

    try {
      const connection = await node.dial([...addresses], {
        force: true,
        signal,
        onProgress: ({ type, detail }: { type: string, detail?: any }) => {
          if (type === SELECTED) {
            transports.push(detail)
          }
        }
      })

      // not that of a relay on the way, which is another
      lost += Number(transports.filter(transport => transport === transports[0]).length > 1)
      await connection.close()
    } catch {
      failed++
    }

    await restore()
  }

  return failed
}

/** Holds connections over one address for a while, at some point of their upgrade */
export class Dawdle {
  /** How many it holds */
  held = 0
  address?: Multiaddr
  readonly #longest: number
  readonly #hooks = new WeakMap<object, number>()

  constructor (longest: number) {
    this.#longest = longest
  }

  readonly gater: ConnectionGater = {
    denyOutboundConnection: async (_peer, connection) => this.#hold(0, connection),
    denyOutboundEncryptedConnection: async (_peer, connection) => this.#hold(1, connection),
    denyOutboundUpgradedConnection: async (_peer, connection) => this.#hold(2, connection)
  }

  async idle (): Promise<void> {
    await until(() => this.held, held => held === 0)
  }

  async #hold (hook: number, connection: { remoteAddr: Multiaddr }): Promise<boolean> {
    const chosen = this.#hooks.get(connection) ?? Math.floor(Math.random() * 3)
    this.#hooks.set(connection, chosen)

    if (chosen === hook && this.address?.equals(connection.remoteAddr) === true) {
      this.held++
      await sleep(Math.random() * this.#longest)
      this.held--
    }

    return false
  }
}

function checkTries (tries: number, count: number): void {
  if (tries > count * TRIES) {
    throw new Error(`${tries} dials, and too few that count`)
  }
}

/** How long a dial takes that is not the first, in turns of the event loop and in events */
async function measure ({ node, addresses, restore }: Loaded): Promise<{ turns: number, events: number }> {
  let turns = 0
  let events = 0

  for (let i = 0; i < 5; i++) {
    let isDone = false
    events = 0
    const dial = node.dial([...addresses], { force: true, onProgress: () => { events++ } }).finally(() => { isDone = true })

    for (turns = 0; !isDone; turns++) {
      await setImmediate()
    }

    await (await dial).close()
    await restore()
  }

  return { turns, events }
}

async function turns (count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await setImmediate()
  }
}

import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { until } from '../helpers/until.ts'
import type { ConnectionGater, Libp2p } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The subject of a load, with any dialer */
export interface Loaded {
  readonly node: Libp2p
  readonly addresses: readonly [Multiaddr, Multiaddr]
  /** Called after each dial. Restores the initial state */
  restore (): Promise<void>
  /** Accepts the errors of libp2p's dialer after an abort. Default: a dial must fail with the reason of the abort */
  isAbort?: (error: unknown) => boolean
}

/** The number of aborts after each last event of a dial */
export type Moments = Readonly<Record<string, number>>

/** The maximum number of dials for each one that counts */
const TRIES = 10

const SELECTED = 'transport-manager:selected-transport'

/** Dials until `count` dials were aborted before they connected, at moments spread over the dial */
export async function abortDials ({ node, addresses, restore, isAbort = () => false }: Loaded, count: number): Promise<Moments> {
  const usual = await measure({ node, addresses, restore })
  const moments: Record<string, number> = {}
  let aborted = 0

  for (let tries = 0; aborted < count; tries++) {
    checkTries(tries, count)
    const controller = new AbortController()
    const events: string[] = []
    // most of a dial is waiting, and events come in bursts: half of the aborts follow time, the others events
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

/** Dials until `count` dials have connected after the start of a second attempt. Returns the number of failed dials */
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

      // the dial of a relay uses another transport, and does not count
      lost += Number(transports.filter(transport => transport === transports[0]).length > 1)
      await connection.close()
    } catch {
      failed++
    }

    await restore()
  }

  return failed
}

/** Delays connections over one address at some point of their upgrade */
export class Dawdle {
  /** The number of delayed connections */
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

/** Measures a dial that is not the first, in turns of the event loop and in events */
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

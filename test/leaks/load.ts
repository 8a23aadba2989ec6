import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import type { ConnectionGater, Libp2p } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** What a load is put on. Either dialer */
export interface Loaded {
  readonly node: Libp2p
  readonly addresses: readonly [Multiaddr, Multiaddr]
  /** After each dial: what is to be as it was before */
  between (): Promise<void>
}

/** How often each was the last event that a dial had reported when it was aborted */
export type Moments = Readonly<Record<string, number>>

/** More dials than this for each one that counts, and something is wrong */
const TRIES = 10

const ROUTE = 'transport-manager:selected-transport'

/** Dials until so many were aborted before they had connected, at moments that are spread over the whole of a dial */
export async function abortDials ({ node, addresses, between }: Loaded, count: number): Promise<Moments> {
  const moments: Record<string, number> = {}
  const length = await lengthOf({ node, addresses, between })
  let aborted = 0

  for (let i = 0; aborted < count; i++) {
    enough(i, count)
    const controller = new AbortController()
    let last = 'nothing'
    const dial = node.dial([...addresses], { force: true, signal: controller.signal, onProgress: ({ type }) => { last = type } })
    let moment: string | undefined
    const abort = turns(Math.random() * length).then(() => {
      moment = last
      controller.abort()
    })

    try {
      const connection = await dial
      await abort
      await connection.close()
    } catch (err) {
      if (err !== controller.signal.reason || moment == null) {
        throw err
      }

      moments[moment] = (moments[moment] ?? 0) + 1
      aborted++
    }

    await between()
  }

  return moments
}

/** Dials until so many have connected after more than one attempt had begun. Answers how many dials failed meanwhile */
export async function loseAttempts ({ node, addresses, between }: Loaded, count: number, signal?: AbortSignal): Promise<number> {
  let lost = 0
  let failed = 0

  for (let i = 0; lost < count; i++) {
    enough(i, count)
    const routes: string[] = []

    try {
      const connection = await node.dial([...addresses], { force: true, signal, onProgress: ({ type, detail }: any) => { if (type === ROUTE) routes.push(detail) } })
      // a relay is dialled over something else
      lost += Number(routes.filter(route => route === routes[0]).length > 1)
      await connection.close()
    } catch {
      failed++
    }

    await between()
  }

  return failed
}

/** Denies nothing, but holds each connection for a while, at some point of its upgrade */
export function dawdle (longest: number): ConnectionGater {
  const holds = new WeakMap<object, number>()

  const hold = (hook: number) => async (_peer: unknown, connection: object): Promise<false> => {
    const chosen = holds.get(connection) ?? Math.floor(Math.random() * 3)
    holds.set(connection, chosen)

    return chosen === hook ? sleep(Math.random() * longest, false as const) : false
  }

  return { denyOutboundConnection: hold(0), denyOutboundEncryptedConnection: hold(1), denyOutboundUpgradedConnection: hold(2) }
}

function enough (tries: number, count: number): void {
  if (tries > count * TRIES) {
    throw new Error('of the dials too few count')
  }
}

/** In turns of the event loop, of a dial that is not the first */
async function lengthOf ({ node, addresses, between }: Loaded): Promise<number> {
  let length = 0

  for (let i = 0; i < 5; i++) {
    let isDone = false
    const dial = node.dial([...addresses], { force: true }).finally(() => { isDone = true })

    for (length = 0; !isDone; length++) {
      await setImmediate()
    }

    await (await dial).close()
    await between()
  }

  return length
}

async function turns (count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await setImmediate()
  }
}

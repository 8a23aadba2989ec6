import { multiaddr } from '@multiformats/multiaddr'
import { sleep } from '../../src/pipeline/clock.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { source } from '../../src/pipeline/authoring/source.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { goDelays } from '../../src/stages/go-delays.ts'
import { goOrder } from '../../src/stages/go-order.ts'
import { race } from '../../src/stages/race.ts'
import { engineWorld } from '../helpers/scripted.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { RELAY } from './on-list.ts'
import type { Script } from '../../src/testing/scripted-network.ts'
import type { ExecutionContext } from 'ava'

export const SILENT = 'silent'
export const VIA = `/p2p/${RELAY}/p2p-circuit`
export type Late = readonly [at: number, addresses: readonly string[]]

/** Puts each TCP address at a separate host, because the race spaces those of one host */
class Hosts {
  readonly #written = new Map<string, string>()

  own (address: string): string {
    const own = address.replace(/^(.*?[.:])\d+(?=\/tcp\/)/, `$1${this.#written.size + 10}`)
    this.#written.set(own, address)

    return own
  }

  written (own: string): string {
    return this.#written.get(own) ?? own
  }
}

/** Dials for `ms` milliseconds. Returns each dialled address with its time */
export async function dialled (t: ExecutionContext, network: Record<string, Script>, { ms = 5_000, late = [] }: { ms?: number, late?: readonly Late[] } = {}): Promise<Array<[number, string]>> {
  const peer = (await newPeer()).toString()
  const hosts = new Hosts()
  const sources = source('late', async function * (dial) {
    for (const [at, addresses] of late) {
      await sleep(at - dial.clock.now(), dial.clock, dial.signal)
      yield * addresses.map(address => multiaddr(hosts.own(address)))
    }
  })
  const { engine, clock, network: scripted } = engineWorld(pipeline(fromCaller(), sources, goOrder(), goDelays(), race()), {}, { slots: { peer: 100 } })
  const first = Object.keys(network).filter(address => !late.some(([, addresses]) => addresses.includes(address))).toReversed().map(address => hosts.own(address))
  first.forEach(address => { scripted.script(address, network[hosts.written(address)] as Script) })
  const dial = engine.dial(first.map(address => multiaddr(`${address}/p2p/${peer}`)), { signal: new AbortController().signal })
  dial.catch(() => {})

  await clock.advance(ms)
  engine.stop()
  await clock.advance(0)
  t.is(clock.pending, 0)

  return scripted.attempts.map(({ at }, i) => [at, hosts.written(scripted.dialled[i] as string)])
}

/** Dials for five seconds. Returns the time of each attempt */
export async function startsOf (t: ExecutionContext, network: Record<string, Script>): Promise<number[]> {
  return (await dialled(t, network)).map(([at]) => at)
}

import { InvalidArgumentError } from 'commander'
import { simulatedNetwork } from '../../testing/simulation/network.ts'
import { simulate } from '../../testing/simulation/simulate.ts'
import { pipelineIn, presetOf } from '../pipelines.ts'
import { table } from '../table.ts'
import type { SimulatedAddressKind } from '../../testing/simulation/network-init.ts'
import type { SimulatedDial } from '../../testing/simulation/node.ts'
import type { SimulateInit } from '../../testing/simulation/simulate.ts'
import type { DialPipeline } from '../../pipeline/types.ts'
import type { Context } from '../context.ts'

export interface SimulateOptions {
  presets: string[]
  pipeline?: string
  address: SimulatedAddressKind[]
  peers: number
  seed: number
  roundTrip: number
  online: number
  loss: number
  knows: NonNullable<SimulateInit['knows']>
  json?: boolean
}

interface Result {
  name: string
  /** Share of the peers to which a dial has connected, 0 to 1 */
  connected: number
  /** Median milliseconds of the dials that have connected. Absent if none has */
  median?: number
  p95?: number
  /** Mean number of attempts of a dial, connected or not */
  attempts: number
}

const ADDRESSES: readonly SimulatedAddressKind[] = [{ transport: 'tcp' }, { transport: 'quic', good: 0.5 }]

/** Parses a kind of address, `tcp,good=0.5,count=2`, and appends it to the list. The network checks the values */
export function addressKind (text: string, before: readonly SimulatedAddressKind[]): SimulatedAddressKind[] {
  const [transport = '', ...rest] = text.split(',')
  const options = rest.map(option => {
    const [name = '', value = ''] = option.split('=')

    if (!/^\w+$/.test(name) || value === '' || Number.isNaN(Number(value))) {
      throw new InvalidArgumentError('Expected a transport, and numbers by name: tcp,good=0.5,count=2')
    }

    return [name, Number(value)]
  })

  return [...before, { ...Object.fromEntries(options), transport } as SimulatedAddressKind]
}

/** Dials the same simulated peers with each pipeline, and prints the results */
export async function printSimulation ({ presets, pipeline, address, peers, seed, roundTrip, online, loss, knows, json = false }: SimulateOptions, context: Context): Promise<void> {
  const addresses = address.length > 0 ? address : ADDRESSES
  const network = simulatedNetwork({ addresses, seed, roundTrip, online, loss })
  const pipelines: Array<[string, DialPipeline]> = presets.map(name => [name, presetOf(name)])

  if (pipeline != null) {
    pipelines.push([pipeline, await pipelineIn(pipeline)])
  }

  const results: Result[] = []

  for (const [name, pipeline] of pipelines) {
    const dials: SimulatedDial[] = []

    for await (const dial of simulate(pipeline, { network, peers, seed, knows })) {
      context.signal.throwIfAborted()
      dials.push(dial)
    }

    results.push(resultOf(name, dials))
  }

  if (json) {
    context.printJson(results)
  } else {
    context.print(table([['', 'connected', 'median', '95 %', 'attempts'], ...results.map(wordsOf)], [1, 2, 3, 4]))
  }
}

function resultOf (name: string, dials: readonly SimulatedDial[]): Result {
  const times = dials.filter(({ connected }) => connected).map(({ time }) => time).toSorted((a, b) => a - b)

  return {
    name,
    connected: times.length / dials.length,
    median: times[Math.floor(times.length * 0.5)],
    p95: times[Math.floor(times.length * 0.95)],
    attempts: dials.reduce((sum, { attempts }) => sum + attempts.length, 0) / dials.length
  }
}

function wordsOf ({ name, connected, median, p95, attempts }: Result): string[] {
  return [name, `${(connected * 100).toFixed(1)} %`, ...[median, p95].map(time => time == null ? '' : `${Math.round(time)} ms`), attempts.toFixed(1)]
}

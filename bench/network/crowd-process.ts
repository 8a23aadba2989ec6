// Dials many peers at once for crowd.ts, in a new process
import { readFileSync } from 'node:fs'
import { once } from 'node:events'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { multiaddr } from '@multiformats/multiaddr'
import { diallingNode } from './dialling-node.ts'
import { GAP } from './measure.ts'
import { bestOf } from './scenarios.ts'
import { bare, strategies } from './strategies.ts'
import { dialBy, trial } from './trial.ts'
import type { CrowdOrder, CrowdResult } from './crowd.ts'

/** The resolution of the histogram of event-loop delays, in milliseconds */
const RESOLUTION = 10

// the process ends with the bench
process.once('disconnect', () => process.exit())

const [{ name, limits, peers, warmUp, belief }] = await once(process, 'message') as [CrowdOrder]
const strategy = [...strategies, bare].find(strategy => strategy.name === name)

if (strategy == null) {
  throw new Error(`no strategy ${name}`)
}

const node = await diallingNode(strategy.pipeline, {
  connectionManager: {
    ...limits !== 'defaults' && { maxDialQueueLength: peers.length },
    ...limits === 'slots for all' && { maxParallelDials: peers.length }
  },
  dialer: {
    ...strategy.knows === 'beliefs' && { history: { belief } },
    ...limits === 'slots for all' && { slots: { node: peers.flatMap(({ addresses }) => addresses).length } }
  }
})

await Promise.all(warmUp.map(async (peer, i) => {
  await sleep(i * GAP)
  await trial(node, strategy, peer)
}))

const targets = peers.map(({ addresses, truths }) => (strategy.dials === 'the best' ? addresses.slice(bestOf(truths)).slice(0, 1) : addresses).map(address => multiaddr(address)))
await sleep(500)

const loop = monitorEventLoopDelay({ resolution: RESOLUTION })
loop.enable()
// the histogram starts with its first tick: without the pause it would miss the delay of starting all dials
await sleep(2 * RESOLUTION)

const opensBefore = activeOpens()
const cpuBefore = process.cpuUsage()
const begun = performance.now()

const times = await Promise.all(targets.map(async addresses => {
  try {
    await (strategy.dials == null ? node.dial(addresses) : dialBy(node, strategy.dials === 'the best' ? 'all at once' : strategy.dials, addresses, AbortSignal.timeout(10_000)))

    return performance.now() - begun
  } catch {
    return Infinity
  }
}))

const took = performance.now() - begun
const { user, system } = process.cpuUsage(cpuBefore)
await sleep(2 * RESOLUTION)
loop.disable()

const result: CrowdResult = {
  times: times.filter(time => time < Infinity),
  took,
  sockets: activeOpens() - opensBefore,
  loop: { p99: loop.percentile(99) / 1e6 - RESOLUTION, max: loop.max / 1e6 - RESOLUTION },
  cpu: (user + system) / 1_000
}

process.send?.(result, () => process.exit())

/** Returns the number of TCP connections that were opened in this network namespace so far */
function activeOpens (): number {
  const [names = '', values = ''] = readFileSync('/proc/net/snmp', 'utf8').split('\n').filter(line => line.startsWith('Tcp:'))

  return Number(values.split(' ')[names.split(' ').indexOf('ActiveOpens')])
}

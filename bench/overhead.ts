// Measures the cost of a dial without the transport and the handshake, in microseconds from the call of a real node's dial queue to the end. The
// time is relative to libp2p's own queue in the same round. The transport answers immediately. Exits with 1 if a claim is not met.
// `node --cpu-prof bench/overhead.ts 'staggered()' '8 addresses' 1000` profiles a thousand rounds of one case
import { renderTable } from '../test/support/render-table.ts'
import { adaptive, staggered } from '../presets/index.ts'
import { machine } from './machine.ts'
import { noOpNode } from './no-op-node.ts'
import { overheadClaims } from './overhead/claims.ts'
import { DIALS_A_ROUND, microsecondsOf } from './overhead/microseconds.ts'
import { summarise } from './statistics.ts'
import { targets } from './targets.ts'
import type { NoOpNode } from './no-op-node.ts'
import type { Summary } from './statistics.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

const STOCK = 'stock libp2p'
const [onlyDialer, onlyScenario, rounds = 400] = process.argv.slice(2)

const dialers = [
  { name: STOCK, pipeline: undefined },
  { name: 'staggered()', pipeline: staggered() },
  { name: 'adaptive()', pipeline: adaptive(), hasOwnOrder: true }
].filter(({ name }) => onlyDialer == null || name === onlyDialer)

const scenarios = [
  { name: '1 address', count: 1 },
  { name: '8 addresses', count: 8 },
  { name: '7 of 8 refuse', count: 8, refused: 7 },
  { name: '1 address, stored', count: 1, storesPeers: true },
  { name: '8 addresses, stored', count: 8, storesPeers: true }
].filter(({ name }) => onlyScenario == null || name === onlyScenario)

/** The time of a dial, and its ratio to the time of libp2p's own queue in the same round */
const results = new Map<string, { time: Summary, ratio: Summary }>()

for (const { name: scenario, count, ...init } of scenarios) {
  process.stderr.write(`${scenario}\n`)
  const nodes = await Promise.all(dialers.map(async ({ pipeline }) => noOpNode(pipeline, init)))
  await checkOrders(nodes, count, init.refused)

  const times = await microsecondsOf(nodes, count, Number(rounds))
  await Promise.all(nodes.map(async node => node.stop()))

  dialers.forEach(({ name }, which) => {
    const own = times[which] as number[]
    results.set(`${name} ${scenario}`, { time: summarise(own), ratio: summarise(own.map((time, round) => time / (times[0]?.[round] ?? NaN))) })
  })
}

const rows = scenarios.flatMap(({ name: scenario }) => dialers.map(({ name }) => {
  const { time, ratio } = resultOf(name, scenario)

  return [scenario, name, ...numbers(time, 0), ...name === STOCK || onlyDialer != null ? [] : numbers(ratio, 2)]
}))

console.log(`${machine()}\n`)
console.log(renderTable(['', 'dialer', 'median µs', 'quartiles', 'times stock', 'quartiles'], rows))
console.log(`(${rounds} rounds of ${DIALS_A_ROUND} dials one after another; the ratio is that of one round; stored: the peer store is real, and in memory)\n`)

if (onlyDialer == null && onlyScenario == null) {
  for (const { text, isMet } of overheadClaims((dialer, scenario) => resultOf(dialer, scenario).ratio.median)) {
    console.log(`${isMet ? 'met    ' : 'NOT MET'}  ${text}`)
    process.exitCode = isMet ? process.exitCode : 1
  }
}

function resultOf (dialer: string, scenario: string): { time: Summary, ratio: Summary } {
  return results.get(`${dialer} ${scenario}`) as { time: Summary, ratio: Summary }
}

/** Checks that all dialers dial the same addresses in the same order. A dialer with its own order only has to dial the same ones */
async function checkOrders (nodes: readonly NoOpNode[], count: number, refused = 0): Promise<void> {
  const [target = []] = targets(1, count)
  const orders = await Promise.all(nodes.map(async node => orderOf(node, target)))
  const [stock = []] = orders
  const isSame = orders.every((order, i) => dialers[i]?.hasOwnOrder === true ? order.toSorted().join() === stock.toSorted().join() : order.join() === stock.join())

  if (stock.length !== count || !isSame || nodes.some(({ attempts }) => attempts !== refused + 1)) {
    throw new Error(`the dialers do not dial the same, in the same order:\n${orders.map(order => order.join('\n')).join('\n\n')}`)
  }
}

/** Returns the order in which a dialer says that it will dial */
async function orderOf (node: NoOpNode, target: Multiaddr[]): Promise<string[]> {
  let order: string[] = []

  await node.dial(target, {
    onProgress: ({ type, detail }) => {
      if (type === 'dial-queue:calculated-addresses') {
        order = detail.map(({ multiaddr }: { multiaddr: Multiaddr }) => multiaddr.toString())
      }
    }
  })

  return order
}

function numbers ({ median, quartiles: [first, third] }: Summary, digits: number): [string, string] {
  return [median.toFixed(digits), `${first.toFixed(digits)}–${third.toFixed(digits)}`]
}

// What a dial costs beside the transport and the handshake: microseconds from the call of a real node's dial queue to
// the end of the dial, with a transport that connects at once. `node --cpu-prof bench/overhead.ts 'staggered()' 8 1000`
// profiles a thousand rounds of only that
import { setImmediate as nextTurn } from 'node:timers/promises'
import { renderTable } from '../examples/table.ts'
import { staggered, stock } from '../presets/index.ts'
import { machine } from './machine.ts'
import { noOpNode } from './no-op-node.ts'
import { summarise } from './statistics.ts'
import { targets } from './targets.ts'
import type { NoOpNode } from './no-op-node.ts'

const WARM_UP = 20
const DIALS_A_ROUND = 50

const [onlyDialer, onlyCount, rounds = 60] = process.argv.slice(2)
const dialers = [
  { name: 'stock libp2p', pipeline: undefined },
  { name: 'stock()', pipeline: stock() },
  { name: 'staggered()', pipeline: staggered() }
].filter(({ name }) => onlyDialer == null || name === onlyDialer)
const counts = [1, 8].filter(count => onlyCount == null || count === Number(onlyCount))
const rows: string[][] = []

for (const storesPeers of onlyDialer == null ? [false, true] : [false]) {
  for (const count of counts) {
    const nodes = await Promise.all(dialers.map(async ({ pipeline }) => noOpNode(pipeline, { storesPeers })))
    const times = nodes.map((): number[] => [])

    await checkOrders(nodes, count)

    for (let round = 0; round < WARM_UP + Number(rounds); round++) {
      // each is first, and each is last, in a third of the rounds
      for (let i = 0; i < nodes.length; i++) {
        const which = (i + round) % nodes.length
        const time = await microsecondsADial(nodes[which] as NoOpNode, count)

        if (round >= WARM_UP) {
          times[which]?.push(time)
        }
      }
    }

    await Promise.all(nodes.map(async node => node.stop()))

    dialers.forEach(({ name }, which) => {
      const { median, min, max } = summarise(times[which] ?? [])
      // of two that ran in the same round
      const more = summarise((times[which] ?? []).map((time, round) => time - (times[0]?.[round] ?? NaN))).median

      rows.push([`${count}${storesPeers ? ', stored' : ''}`, name, us(median), us(min), us(max), which === 0 ? '' : `${more > 0 ? '+' : ''}${us(more)}`])
    })
  }
}

console.log(`${machine()}\n`)
console.log(renderTable(['addresses', 'dialer', 'median µs', 'min', 'max', 'to the first'], rows))
console.log('(each of a round of dials one after another; stored: the peer store is real, and in memory)\n')

async function microsecondsADial (node: NoOpNode, count: number): Promise<number> {
  const round = targets(DIALS_A_ROUND, count)
  await nextTurn()
  const begun = performance.now()

  for (const target of round) {
    await node.dial(target)
  }

  return (performance.now() - begun) / round.length * 1_000
}

/** All that are compared dial the same addresses in the same order */
async function checkOrders (nodes: readonly NoOpNode[], count: number): Promise<void> {
  const [target = []] = targets(1, count)
  const orders = await Promise.all(nodes.map(async node => {
    let order = ''

    await node.dial(target, {
      onProgress: ({ type, detail }) => {
        if (type === 'dial-queue:calculated-addresses') {
          order = detail.map(({ multiaddr }: { multiaddr: unknown }) => multiaddr).join('\n')
        }
      }
    })

    return order
  }))

  if (orders[0]?.split('\n').length !== count || orders.some(order => order !== orders[0])) {
    throw new Error(`the dialers do not dial the same addresses in the same order:\n${orders.join('\n\n')}`)
  }
}

function us (time: number): string {
  return time.toFixed(0)
}

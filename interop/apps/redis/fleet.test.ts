import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { tcp } from '@libp2p/tcp'
import test from 'ava'
import { createLibp2p } from 'libp2p'
import { renderTable } from '../../../test/support/render-table.ts'
import { startRedis } from './redis-server.ts'
import type { Fate } from './internet.ts'
import type { Answer, DialResult, Request } from './member-process.ts'
import type { ExecutionContext } from 'ava'

/** Number of peers */
const COUNT = 40

interface Peer {
  /** Eight addresses with the peer id */
  readonly addresses: readonly string[]
  readonly fates: ReadonlyArray<readonly [address: string, fate: Fate]>
}

/** Starts a peer with eight public addresses. One or two are good at random places, 19 % of all. The others are silent */
async function startPeer (t: ExecutionContext, n: number): Promise<Peer> {
  const node = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: { inboundConnectionThreshold: Infinity },
    connectionMonitor: { enabled: false }
  })
  t.teardown(async () => { await node.stop() })
  const port = node.getMultiaddrs()[0]?.getComponents().find(({ name }) => name === 'tcp')?.value
  const good = new Set([n * 5 % 8, ...n % 2 === 0 ? [(n * 5 + 3) % 8] : []])
  const fates = Array.from({ length: 8 }, (_, i) => [`/ip4/45.${31 + i}.${n}.1/tcp/${port}`, good.has(i) ? 40 + n * 37 % 120 : 'silent'] as const)

  return { fates, addresses: fates.map(([address]) => `${address}/p2p/${node.peerId.toString()}`) }
}

/** Returns `count` of the peers. Each seed selects other ones */
function someOf (peers: readonly Peer[], count: number, seed: number): Array<readonly string[]> {
  return Array.from({ length: count }, (_, i) => peers[(i * 13 + seed * 7) % peers.length]?.addresses ?? [])
}

/** Starts a process with a node of the fleet. Returns a function that sends requests to it */
async function startMember (t: ExecutionContext): Promise<(request: Request) => Promise<Answer>> {
  const child = fork(join(import.meta.dirname, 'member-process.ts'))
  const exit = once(child, 'exit')
  const exitError = exit.then(([code]) => { throw new Error(`A process of the fleet has ended with ${code}`) })
  // each request races its answer with the exit of the process
  exitError.catch(() => {})
  t.teardown(async () => {
    if (child.connected) {
      child.disconnect()
    }

    await exit
  })
  await Promise.race([once(child, 'message'), exitError])

  return async request => {
    child.send(request)
    const [{ answer, error }] = await Promise.race([once(child, 'message'), exitError]) as [{ answer: Answer, error?: string }]

    if (error != null) {
      throw new Error(error)
    }

    return answer
  }
}

test('a sixth process that starts with what five have put into Redis makes fewer attempts in its first 20 dials than a cold one', async t => {
  const socket = await startRedis(t)
  const peers = await Promise.all(Array.from({ length: COUNT }, async (_, n) => startPeer(t, n)))
  const fates = Object.fromEntries(peers.flatMap(({ fates }) => fates))
  const five = await Promise.all(Array.from({ length: 5 }, async () => startMember(t)))

  await Promise.all(five.map(async (ask, i) => {
    await ask({ dial: someOf(peers, 16, i), fates })
    await ask({ exchange: { socket, name: `gateway-${i + 1}` } })
  }))

  const [cold, sixth] = await Promise.all([startMember(t), startMember(t)])
  const news = await sixth({ exchange: { socket, name: 'gateway-6' } }) as number
  t.true(news >= 40, `${news}`)

  const first20 = someOf(peers, 20, 5)
  const results = [await cold({ dial: first20, fates }), await sixth({ dial: first20, fates })] as Array<readonly DialResult[]>
  const [ofCold = NaN, ofSixth = NaN] = results.map(attemptsOf)

  t.log(renderTable(['first 20 dials', 'attempts', 'mean ms', 'slowest ms'], results.map((dials, i) => [
    ['a cold node', 'the sixth process'][i] ?? '',
    attemptsOf(dials).toString(),
    (dials.reduce((sum, { ms }) => sum + ms, 0) / dials.length).toFixed(0),
    Math.max(...dials.map(({ ms }) => ms)).toFixed(0)
  ])))
  t.true(ofSixth < ofCold)
})

function attemptsOf (dials: readonly DialResult[]): number {
  return dials.reduce((sum, { attempts }) => sum + attempts, 0)
}

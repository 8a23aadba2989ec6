// Time to connection with libp2p's own dialer beside the `staggered` preset, in turns, where addresses come first that
// refuse or never answer. Exits 1 where a claim of this project is not met
import { staggered } from '../presets/index.ts'
import { renderTable } from '../examples/table.ts'
import { blackholes } from '../test/helpers/blackhole.ts'
import { refused } from '../test/helpers/refused.ts'
import { claims } from './claims.ts'
import { machine } from './machine.ts'
import { remotePeer } from './remote-peer.ts'
import { summarise } from './statistics.ts'
import { trial } from './trial.ts'
import type { Measured } from './claims.ts'
import type { Trial } from './trial.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Those before the first that is measured; the first few cost several times the later ones */
const WARM_UP = 100
const ROUNDS = 30

/** `slowRounds` where addresses never answer: each of stock libp2p's dials takes 6 to 10 seconds then */
const dialers = [
  { name: 'stock libp2p', pipeline: undefined, slowRounds: 3 },
  { name: 'staggered()', pipeline: staggered(), slowRounds: 10 }
]

const peer = await remotePeer()
const silence = await blackholes(2)
const [hole1, hole2] = silence.multiaddrs as [Multiaddr, Multiaddr]
const { multiaddr: closed } = await refused()
const withPeer = (address: Multiaddr): Multiaddr => address.encapsulate(`/p2p/${peer.multiaddr.getComponents().at(-1)?.value}`)

const scenarios = [
  { name: 'good', addresses: [peer.multiaddr], isSlow: false },
  { name: 'refused, good', addresses: [withPeer(closed), peer.multiaddr], isSlow: false },
  { name: 'blackhole, good', addresses: [withPeer(hole1), peer.multiaddr], isSlow: true },
  { name: 'blackhole, blackhole, good', addresses: [withPeer(hole1), withPeer(hole2), peer.multiaddr], isSlow: true }
]

const trials = new Map<string, Trial[]>()

try {
  for (let i = 0; i < WARM_UP; i++) {
    for (const { pipeline } of dialers) {
      await trial(pipeline, [peer.multiaddr])
    }
  }

  for (let round = 0; round < ROUNDS; round++) {
    process.stderr.write(`round ${round + 1} of ${ROUNDS}\n`)

    for (const { name, addresses, isSlow } of scenarios) {
      // who is first in one round is second in the next
      for (const dialer of round % 2 === 0 ? dialers : dialers.toReversed()) {
        if (!isSlow || round < dialer.slowRounds) {
          trials.set(`${dialer.name} ${name}`, [...trialsOf(dialer.name, name), await trial(dialer.pipeline, addresses)])
        }
      }
    }
  }
} finally {
  await Promise.all([peer.close(), silence.close()])
}

const rows = scenarios.flatMap(({ name }) => {
  const stock = measured('stock libp2p', name)

  return dialers.map(dialer => {
    const { connected, trials, median, min, max } = measured(dialer.name, name)
    const ratio = `${stock.connected === 0 ? '> ' : ''}${(stock.median / median).toFixed(1)} ×`

    return [name, dialer.name, `${connected} of ${trials}`, ms(median), ms(min), ms(max), dialer.pipeline == null ? '' : ratio]
  })
})

console.log(`${machine()}\n`)
console.log(renderTable(['milliseconds to connection', 'dialer', 'connected', 'median', 'min', 'max', 'times faster'], rows))
console.log('(where none connected: milliseconds to the error)\n')

for (const { text, isMet } of claims(measured)) {
  console.log(`${isMet ? 'met    ' : 'NOT MET'}  ${text}`)
  process.exitCode = isMet ? process.exitCode : 1
}

function trialsOf (dialer: string, scenario: string): Trial[] {
  return trials.get(`${dialer} ${scenario}`) ?? []
}

/** Times of those that connected, or of all if none did */
function measured (dialer: string, scenario: string): Measured {
  const all = trialsOf(dialer, scenario)
  const connected = all.filter(({ error }) => error == null)

  return { ...summarise((connected.length > 0 ? connected : all).map(({ ms }) => ms)), trials: all.length, connected: connected.length }
}

function ms (time: number): string {
  return time.toFixed(time < 100 ? 1 : 0)
}

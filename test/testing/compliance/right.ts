import { multiaddr } from '@multiformats/multiaddr'
import { sleep } from '../../../src/pipeline/clock.ts'
import { filter, hold, pace, rank, rankBy, source, stage } from '../../../src/stages/index.ts'
import type { Case } from './case.ts'
import type { AnyStage, Candidate, Flight } from '../../../src/pipeline/types.ts'

const overTls = (): AnyStage => stage({
  name: 'over-tls',
  accepts: ['connections'],
  yields: 'connections',
  run: async function * (connections, dial) {
    for await (const connection of connections) {
      if (connection.encryption === '/tls/1.0.0') {
        yield connection
      } else {
        dial.discard(connection)
      }
    }
  }
})

/** Stages as in the documentation */
export const right: readonly Case[] = [
  { name: 'a rank', make: () => rank('short', (a, b) => a.id.length - b.id.length) },
  { name: 'a rank by a number', make: () => rankBy('short', ({ id }) => id.length) },
  { name: 'a filter', make: () => filter('no-tcp', ({ id }) => !id.includes('/tcp/') || 'TCP') },
  { name: 'a pace', make: () => pace('slow', race => race.lastStart + 1_000) },
  { name: 'a pace that waits for the end of each', make: () => pace('one', () => Infinity) },
  { name: 'a hold', make: () => hold('later', race => ({ id }) => id.includes('p2p-circuit') ? race.firstStart + 500 : 0) },
  { name: 'a pace that reads the first flight', make: () => pace('slow', ({ inFlight: [first] }) => (first as Flight).startedAt + 1_000) },
  { name: 'a live source of the addresses of callers', make: () => source('callers', ({ target }) => target.multiaddrs, { live: true }) },
  { name: 'a source that reads the peer of the target', make: () => source('own', ({ target: { peerId } }) => peerId == null ? [] : [multiaddr('/ip4/203.0.113.72/tcp/1')]) },
  {
    name: 'a source',
    make: () => source('tracker', async function * ({ clock, signal }) {
      await sleep(50, clock, signal)
      yield multiaddr('/ip4/203.0.113.71/tcp/1')
    })
  },
  {
    name: 'a stage with time and pending work',
    make: () => stage('hold-uncertified', (dial, work) => {
      const open = work.after(500)

      return ({ candidates, complete }) => {
        if (complete && candidates.every(one => !one.isCertified || dial.tried(one))) {
          open.end()
        }

        return open.done ? candidates : candidates.filter(one => one.isCertified)
      }
    })
  },
  {
    name: 'a stage that lets go what it drops when its time has come, and says that it may',
    fixture: { restoresDropped: true },
    make: () => stage('later', (dial, work) => {
      const at = dial.clock.now() + 300
      work.at(at)

      return ({ candidates }) => {
        candidates.slice(0, 1).forEach(one => { work.drop(one, 'not yet') })

        return dial.clock.now() < at ? candidates.slice(1) : candidates
      }
    })
  },
  {
    name: 'a stage with a state for each node',
    make: () => stage('every-other', (_dial, _work, counts: { dials: number }) => {
      const isOdd = ++counts.dials % 2 === 1

      return ({ candidates }: { candidates: readonly Candidate[] }) => isOdd ? candidates : candidates.toReversed()
    }, { perNode: () => ({ dials: 0 }) })
  },
  {
    name: 'a stage below a race that gives back what it is given',
    make: overTls
  },
  {
    name: 'the same that is given what it passes on',
    fixture: { connection: { encryption: '/tls/1.0.0' } },
    make: overTls
  },
  {
    name: 'a stage below a race',
    make: () => stage({
      name: 'tell',
      accepts: ['connections'],
      yields: 'connections',
      run: async function * (connections) {
        for await (const connection of connections) {
          yield connection
        }
      }
    })
  }
]

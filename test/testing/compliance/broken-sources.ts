import { multiaddr } from '@multiformats/multiaddr'
import { candidate } from '../../../src/pipeline/candidate.ts'
import { sleep } from '../../../src/pipeline/clock.ts'
import { stage } from '../../../src/pipeline/stage.ts'
import { source } from './by-hand.ts'
import type { Case } from './case.ts'
import type { Candidate, Dial, List, Target } from '../../../src/pipeline/types.ts'

export const brokenSources: Case[] = [
  {
    name: 'a source that yields what callers add, without what they began with',
    breaks: [1],
    make: () => {
      return source(async function * (targets, dial) {
        const found = remembering(dial)
        let known = 0

        for await (const target of targets) {
          const news = target.multiaddrs.length > known ? target.multiaddrs.slice(known) : target.multiaddrs
          known = target.multiaddrs.length
          yield listOf(target, news.map(one => found(one.toString())))
        }
      })
    }
  },
  {
    name: 'a source that is complete before it has asked',
    breaks: [2],
    make: () => {
      return source(async function * (targets, dial) {
        const found = remembering(dial)

        for await (const target of targets) {
          yield listOf(target, [])
          await sleep(50, dial.clock, dial.signal)
          yield listOf(target, [found('/ip4/203.0.113.9/tcp/1')])
        }
      })
    }
  },
  {
    name: 'a source that ends when it has found everything',
    breaks: [3],
    make: () => {
      return source(async function * (targets, dial) {
        const found = remembering(dial)

        for await (const target of targets) {
          yield listOf(target, [found('/ip4/203.0.113.9/tcp/1')])
          return
        }
      })
    }
  },
  {
    name: 'a source that takes the revision from the dial',
    breaks: [4],
    make: () => {
      return source(async function * (targets, dial) {
        for await (const target of targets) {
          yield listOf({ ...target, revision: dial.target.revision }, [])
        }
      })
    }
  },
  {
    name: 'a source that makes its candidates anew',
    breaks: [5],
    make: () => {
      return source(async function * (targets, dial) {
        for await (const target of targets) {
          yield listOf(target, target.multiaddrs.map(one => candidate(one, dial.target.peerId)))
        }
      })
    }
  },
  {
    name: 'a source that asks for more only when something has failed',
    breaks: [7],
    make: () => {
      return source(async function * (targets, dial) {
        const found = remembering(dial)

        for await (const target of targets) {
          const list = listOf(target, target.multiaddrs.map(one => found(one.toString())))
          yield { ...list, complete: dial.outcomes.length > 0 }
        }
      })
    }
  },
  {
    name: 'a source that fails when the peer store does',
    breaks: [10],
    make: () => {
      return source(async function * (targets, dial, { peerStore }) {
        const found = remembering(dial)

        for await (const target of targets) {
          const above = target.multiaddrs.map(one => found(one.toString()))
          yield { ...listOf(target, above), complete: false }

          if (target.peerId != null) {
            const { addresses } = await peerStore.get(target.peerId, { signal: dial.signal })
            yield listOf(target, [...above, ...addresses.map(({ multiaddr }) => found(multiaddr.toString()))])
          }
        }
      })
    },
    fixture: {
      components: () => ({ stored: [{ multiaddr: multiaddr('/ip4/203.0.113.9/tcp/1'), isCertified: false }] })
    }
  },
  {
    name: 'a source that drops what stands above it when the routing is down',
    breaks: [10],
    make: () => stage({
      name: 'by-hand',
      accepts: ['candidates', 'target'],
      yields: 'candidates',
      run: async function * (values, dial, { peerRouting }) {
        let isUp = true

        for await (const value of values) {
          const list = value.kind === 'target' ? listOf(value, []) : value
          yield { ...list, complete: false }

          if (isUp && dial.target.peerId != null) {
            await peerRouting.findPeer(dial.target.peerId).catch(() => { isUp = false })
          }

          yield isUp ? list : { ...list, candidates: [] }
        }
      }
    })
  },
  {
    name: 'a search that ignores the signal',
    breaks: [12],
    andMore: true,
    make: () => {
      return source(async function * (targets) {
        for await (const target of targets) {
          yield { ...listOf(target, []), complete: false }

          if (target.multiaddrs.length === 6) {
            await new Promise(() => {})
          }
        }
      })
    }
  },
  {
    name: 'a search that goes on',
    breaks: [13],
    make: () => {
      return source(async function * (targets, dial) {
        for await (const target of targets) {
          dial.clock.setTimeout(() => {}, 1_000_000)
          yield listOf(target, [])
        }
      })
    }
  }
]

function listOf ({ revision }: Target, candidates: readonly Candidate[]): List {
  return { kind: 'candidates', candidates, complete: true, revision }
}

/** Makes one candidate of one address */
function remembering (dial: Dial): (address: string) => Candidate {
  const made = new Map<string, Candidate>()

  return address => {
    const known = made.get(address) ?? candidate(multiaddr(address), dial.target.peerId)
    made.set(address, known)

    return known
  }
}

import { multiaddr } from '@multiformats/multiaddr'
import { sleep } from '../../src/pipeline/clock.ts'
import { cand } from '../testing/try-out.ts'
import type { ComplianceFixture } from '../../src/testing/compliance/types.ts'
import type { Candidate } from '../../src/pipeline/types.ts'

interface Names {
  /** Results of names: other names, numbers of addresses, or an error */
  [name: string]: ReadonlyArray<string | number> | Error
}

interface Zone extends Pick<ComplianceFixture, 'components'> {
  /** The queried names */
  asked: string[]
  /** Maximum number of simultaneous queries */
  atOnce: number
}

/** Creates the components of a node whose resolver answers a name of `names` after `ms(name)` milliseconds */
export function zone (names: Names, ms: (name: string) => number = () => 0): Zone {
  const made: Zone = { asked: [], atOnce: 0 }
  let now = 0

  made.components = ({ clock }) => ({
    settings: {
      addressDialTimeout: 6_000,
      maxPeerAddrsToDial: 25,
      resolvers: {
        dnsaddr: {
          canResolve: one => one.getComponents()[0]?.name === 'dnsaddr',
          resolve: async (one, { signal = new AbortController().signal }) => {
            const name = one.getComponents()[0]?.value ?? ''
            made.asked.push(name)
            made.atOnce = Math.max(made.atOnce, ++now)
            await sleep(ms(name), clock, signal).finally(() => { now-- })
            const answers = names[name] ?? new Error('ENOTFOUND')

            if (answers instanceof Error) {
              throw answers
            }

            return answers.map(answer => multiaddr(typeof answer === 'number' ? `/ip4/203.0.113.${answer % 256}/tcp/${4001 + Math.floor(answer / 256)}` : answer.startsWith('/') ? answer : `/dnsaddr/${answer}`))
          }
        }
      }
    }
  })

  return made
}

/** Creates the candidate of a name */
export const name = (text: string, init?: Parameters<typeof cand>[1]): Candidate => cand(`/dnsaddr/${text}`, init)

/** Returns a name that resolves to `count` names, each with an address of its own */
export function wide (count: number): Names {
  const names = Array.from({ length: count }, (_, i) => `${i}.example`)

  return { 'wide.example': names, ...Object.fromEntries(names.map((text, i) => [text, [i]])) }
}

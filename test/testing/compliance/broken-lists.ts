import { multiaddr } from '@multiformats/multiaddr'
import { candidate } from '../../../src/pipeline/candidate.ts'
import { filter, rank, source, stage } from '../../../src/stages/index.ts'
import { PEER } from '../../../src/testing/compliance/samples.ts'
import type { Case } from './case.ts'
import type { AnyStage, Candidate, Work } from '../../../src/pipeline/types.ts'

const another = (): Candidate => candidate(multiaddr('/ip4/203.0.113.71/tcp/1'), PEER)
/** Returns a number for a candidate of the suite, from the last digit of its address */
const turnOf = ({ id }: Candidate): number => (/^\/ip[46]\/[^/]*?(\d)\//.exec(id)?.[1] ?? '0').charCodeAt(0) % 3

/** The number of dials in which the counting stage has begun */
let begun = 0

/** The addresses that a filter has seen in all dials */
const seen = new Set<string>()
const ACROSS_DIALS = /in two equal dials there was another list at 0 ms, .*: create the state of a dial in the function that begins it/

function onlyOnce (addresses: Set<string>): AnyStage {
  return filter('by-hand', ({ id }) => {
    const isNew = !addresses.has(id)
    addresses.add(id)

    return isNew || 'seen before'
  })
}

const pass = ({ candidates }: { candidates: readonly Candidate[] }): readonly Candidate[] => candidates

/** Creates a stage that holds each address back for 650 ms, but declares that work only for the first address */
function heldBack (ask: (at: number, work: Work) => void): AnyStage {
  return stage('held-back', ({ clock }, work) => {
    const times = new Map<string, number>()
    work.after(650)

    return ({ candidates }) => candidates.filter(({ id }) => {
      const at = times.get(id) ?? clock.now() + 650
      times.set(id, at)
      ask(at, work)

      return at <= clock.now()
    })
  })
}

export const brokenLists: readonly Case[] = [
  { name: 'a stage that answers a promise', says: /answered a promise/, make: () => stage('by-hand', () => (async (list: any) => pass(list)) as any) },
  { name: 'a stage that answers a list', says: /where an array of candidates was expected/, make: () => stage('by-hand', () => list => ({ ...list, candidates: [] }) as any) },
  { name: 'a stage that answers nothing', says: /answered undefined/, make: () => stage('by-hand', () => () => undefined as any) },
  { name: 'a stage that begins with nothing', says: /began with undefined/, make: () => stage('by-hand', () => undefined as any) },
  { name: 'a stage that answers text', says: /as a candidate: make candidates with candidate\(\)/, make: () => stage('by-hand', () => () => ['/ip4/203.0.113.71/tcp/1'] as any) },
  { name: 'a stage that answers one twice', says: /twice in one list/, make: () => stage('by-hand', () => ({ candidates }) => [...candidates, ...candidates]) },
  { name: 'a stage that throws as it begins', says: /^Stage "by-hand", given candidates: it threw Error: no idea/, make: () => stage('by-hand', () => { throw new Error('no idea') }) },
  {
    name: 'a stage with a state that all dials share',
    says: /in two equal dials there was another list at 0 ms, with \S+ in the place of \S+: create the state of a dial/,
    make: () => stage('by-hand', () => {
      const isOdd = ++begun % 2 === 1

      return ({ candidates }) => isOdd ? candidates : candidates.toReversed()
    })
  },
  { name: 'a filter that remembers in its factory what it has seen', says: ACROSS_DIALS, make: () => onlyOnce(new Set()) },
  { name: 'a filter that remembers in its module what it has seen', says: ACROSS_DIALS, make: () => onlyOnce(seen) },
  {
    name: 'a filter that counts in its factory',
    says: ACROSS_DIALS,
    make: () => {
      let n = 0

      return filter('by-hand', () => n++ < 3 || 'enough')
    }
  },
  {
    name: 'a stage that counts the dials in its factory',
    says: ACROSS_DIALS,
    make: () => {
      let dials = 0

      return stage('by-hand', () => {
        const isOdd = ++dials % 2 === 1

        return ({ candidates }) => isOdd ? candidates : candidates.toReversed()
      })
    }
  },
  {
    name: 'a stage that is pending in every second dial',
    says: /in two equal dials there was a list of \d+( that was not complete)? at \d+ ms in the one, and a list of \d+( that was not complete)? at \d+ ms in the other/,
    make: () => stage('by-hand', (_dial, work) => {
      work.after(++begun % 2 * 1_500)

      return pass
    })
  },
  {
    name: 'a stage that lets go what it is given when it has been asked three times',
    says: /asked again about the same list, it answered with \S+, \S+ and 4 more: an answer depends only on the list/,
    make: () => stage('by-hand', () => {
      let asks = 0

      return ({ candidates }) => ++asks > 3 ? candidates : []
    })
  },
  { name: 'a filter that throws for each', says: /it failed with Error: no idea for every input/, make: () => filter('by-hand', () => { throw new Error('no idea') }) },
  { name: 'a source that finds text', says: /it found text, which is no address: write multiaddr\('\/ip4\/203\.0\.113\.71\/tcp\/1'\)/, make: () => source('by-hand', () => ['/ip4/203.0.113.71/tcp/1'] as any) },
  { name: 'a source that finds a good address and text', says: /it found text, which is no address/, make: () => source('by-hand', async function * () { yield another(); yield 'x' as any }) },
  { name: 'a source that reads the addresses of callers once', says: /reads dial\.target\.multiaddrs once, and misses the addresses of callers that join later: pass \{ live: true \}/, make: () => source('by-hand', ({ target }) => target.multiaddrs) },
  { name: 'a source that throws', says: /it failed with Error: no idea for every input/, make: () => source('by-hand', () => { throw new Error('no idea') }) },
  { name: 'a comparator that looks at the first only', says: /its comparators contradict each other for \S+, \S+:/, make: () => rank('by-hand', ({ id }) => id.length) },
  { name: 'a comparator that goes in a circle', says: /an order has no circle/, make: () => rank('by-hand', (a, b) => a === b ? 0 : (turnOf(a) - turnOf(b) + 3) % 3 === 1 ? -1 : (turnOf(a) - turnOf(b) + 3) % 3 === 2 ? 1 : 0) },
  { name: 'a stage that drops without a reason', says: /it dropped \S+ without a reason: call work\.drop/, make: () => stage('by-hand', () => ({ candidates }) => candidates.slice(1)) },
  { name: 'a filter that never answers', says: /its list is not complete after 60000 ms: a promise that the stage answered, or added to its work, does not settle/, make: () => filter('by-hand', async () => new Promise(() => {})) },
  { name: 'a stage that throws', says: /it threw .*no idea/, make: () => stage('by-hand', () => () => { throw new Error('no idea') }) },
  { name: 'a stage that makes its candidates anew each time', says: /new objects with the same contents/, make: () => stage('by-hand', () => ({ candidates }) => [...candidates, another()]) },
  {
    name: 'a stage that says something else each time',
    says: /asked again about the same list/,
    make: () => stage('by-hand', () => {
      let asks = 0

      return ({ candidates }) => ++asks % 2 === 0 ? candidates : candidates.slice(1)
    })
  },
  {
    name: 'a stage that adds work for ever',
    says: /its list is not complete after/,
    make: () => stage('by-hand', (_dial, work) => ({ candidates }) => {
      work.add(Promise.resolve())

      return candidates
    })
  },
  {
    name: 'a stage whose work never settles',
    says: /its list is not complete after/,
    make: () => stage('by-hand', (_dial, work) => {
      work.add(new Promise(() => {}))

      return pass
    })
  },
  {
    name: 'a stage that waits until one was tried',
    says: /waits for an attempt/,
    make: () => stage('by-hand', (dial, work) => {
      const tried = work.after(Infinity)

      return ({ candidates }) => {
        if (candidates.some(one => dial.tried(one))) {
          tried.end()
        }

        return candidates
      }
    })
  },
  {
    name: 'a stage whose time comes unasked',
    says: /nothing had asked it/,
    make: () => stage('by-hand', dial => {
      const at = dial.clock.now() + 500

      return ({ candidates }) => dial.clock.now() < at ? [] : candidates
    })
  },
  {
    name: 'a stage that keeps back for a time and has nothing pending',
    says: /followed later without an event: a dial without other work has ended by then/,
    make: () => stage('by-hand', (dial, work) => {
      const at = dial.clock.now() + 500
      work.at(at)

      return ({ candidates }) => dial.clock.now() < at ? [] : candidates
    })
  },
  {
    name: 'a stage that dials an address found at 100 ms at 750 ms, and has nothing pending by then',
    says: /followed later without an event: a dial without other work has ended by then/,
    make: () => heldBack((at, work) => { work.at(at) })
  },
  { name: 'the same that nobody asks again', says: /nothing had asked it/, make: () => heldBack(() => {}) },
  { name: 'a stage that reads the signal of one caller', says: /use dial\.signal/, make: () => stage('by-hand', dial => ({ candidates }) => (dial.options as any).signal?.aborted === true ? [] : candidates) },
  { name: 'a stage that reads an option in secret', says: /reads the dial option "allow" and does not declare it/, make: () => stage('by-hand', dial => ({ candidates }) => (dial.options as any).allow === false ? [] : candidates) },
  { name: 'a stage that looks for an option in secret', says: /reads the dial option "allow" and does not declare it/, make: () => stage('by-hand', dial => ({ candidates }) => 'allow' in dial.options ? [] : candidates) },
  { name: 'a stage whose name changes', says: /made again/, make: () => stage(`by-hand-${Math.random()}`, () => pass) },
  { name: 'a stage that reads the wall clock', says: /reads the platform's clock/, make: () => stage('by-hand', () => ({ candidates }) => Date.now() % 172_800_000 < 86_400_000 ? candidates : candidates.slice(1)) },
  ...Object.entries({ 'Date.now()': () => Date.now(), 'new Date()': () => new Date().getTime(), 'performance.now()': () => performance.now() }).map(([name, now]) => ({
    name: `a stage that times itself by ${name}`,
    says: /reads the platform's clock/,
    make: () => stage('by-hand', () => {
      const began = now()

      return ({ candidates }) => now() - began > 500 ? candidates : candidates.slice(0, 2)
    })
  })),
  {
    name: 'a stage that waits on a timer of the platform',
    says: /platform's timers/,
    make: () => stage('by-hand', (_dial, work) => {
      work.add(new Promise(resolve => { setTimeout(resolve, 1) }))

      return pass
    })
  },
  {
    name: 'a stage that waits on AbortSignal.timeout()',
    says: /platform's timers/,
    make: () => stage('by-hand', (_dial, work) => {
      work.add(new Promise(resolve => { AbortSignal.timeout(1).addEventListener('abort', resolve) }))

      return pass
    })
  },
  {
    name: 'a stage that leaves a timer of the clock',
    says: /1 timers of the stage are still set/,
    make: () => stage('by-hand', dial => {
      dial.clock.setTimeout(() => {}, 1_000_000)

      return pass
    })
  },
  {
    name: 'a stage that listens to the signal for ever',
    says: /listeners of the stage are still on the signal/,
    make: () => stage('by-hand', ({ signal }) => {
      signal.addEventListener('abort', () => {})

      return pass
    })
  }
]

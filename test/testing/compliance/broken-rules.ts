import { hold, pace, stage } from '../../../src/stages/index.ts'
import type { Case } from './case.ts'
import type { Candidate, Flight } from '../../../src/pipeline/types.ts'

export const brokenRules: readonly Case[] = [
  {
    // a pace in the old form, in which it selected the candidate itself
    name: 'a pace that answers the first untried, else Infinity',
    says: /answers Infinity for \S+ at one position of the list, and a time at another/,
    make: () => pace('first-untried', ({ untried, lastStart }) => one => one === untried[0] ? lastStart + 250 : Infinity)
  },
  { name: 'a hold that answers the first untried, else Infinity', says: /answers Infinity for \S+ at one position of the list, and a time at another/, make: () => hold('first-untried', ({ untried }) => one => one === untried[0] ? 0 : Infinity) },
  { name: 'a hold for the last of the list', says: /the order is the list's\. A rule returns how long a candidate waits/, make: () => hold('by-hand', ({ untried }) => one => one === untried.at(-1) ? Infinity : 0) },
  { name: 'a rule that sorts what is untried', says: /it threw TypeError/, make: () => hold('by-hand', ({ untried }) => (untried as Candidate[]).copyWithin(0, 1).length - untried.length) },
  ...Object.entries({ 'Date.now()': () => Date.now(), 'new Date()': () => new Date().getTime(), 'performance.now()': () => performance.timeOrigin + performance.now() }).map(([name, now]) => ({
    name: `a pace that reads ${name}`,
    says: /its timing rule reads (Date|performance)\.now\(\): a rule returns a time such as race\.lastStart \+ 250, and reads nothing but the race/,
    make: () => pace('by-hand', ({ lastStart }) => Math.min(lastStart + 250, now() + 250))
  })),
  { name: 'a rule that looks at the clock', says: /reads nothing but the race/, make: () => hold('by-hand', (_race, { clock }) => clock.now()) },
  { name: 'a rule that compares with the clock', says: /its timing rule reads dial\.clock\.now\(\): a rule returns a time/, make: () => hold('by-hand', ({ startedAt }, { clock }) => clock.now() - startedAt > 500 ? 0 : Infinity) },
  {
    name: 'a rule that compares with a clock that its stage kept',
    says: /its timing rule reads dial\.clock\.now\(\)/,
    make: () => stage('by-hand', ({ clock }, work) => {
      work.hold(({ startedAt }) => clock.now() - startedAt > 500 ? 0 : Infinity)

      return ({ candidates }) => candidates
    })
  },
  { name: 'a hold that reads the first flight while nothing is in flight', says: /it threw TypeError/, make: () => hold('by-hand', ({ inFlight }) => (inFlight[0] as Flight).startedAt + 50) },
  { name: 'a hold that answers NaN before the first start', says: /has a timing rule that answered NaN/, make: () => hold('by-hand', ({ firstStart, lastStart }) => lastStart - firstStart + firstStart) },
  { name: 'a hold that throws before the first start', says: /it threw .*not started/, make: () => hold('by-hand', ({ firstStart }) => {
    if (firstStart === Infinity) {
      throw new Error('not started')
    }

    return 0
  }) },
  {
    name: 'a rule that counts how often it is asked',
    says: /reads nothing but the race/,
    make: () => {
      let asks = 0

      return hold('by-hand', ({ startedAt }) => startedAt + ++asks)
    }
  },
  { name: 'a pace that answers how long to wait', says: /answered 250, which is a time in 1970: .* such as race\.startedAt \+ 250/, make: () => pace('by-hand', () => 250) },
  { name: 'a hold that answers how long one has to wait', says: /answered 500 for \S+, which is a time in 1970/, make: () => hold('by-hand', () => ({ facts }) => facts.isRelayed ? 500 : 0) },
  { name: 'a rule that answers text', says: /has a timing rule that answered '100'/, make: () => hold('by-hand', () => '100' as any) },
  { name: 'a rule that answers NaN', says: /has a timing rule that answered NaN/, make: () => pace('by-hand', () => NaN) },
  { name: 'a rule that answers a start', says: /has a timing rule that answered an object/, make: () => pace('by-hand', ({ untried: [one] }) => ({ candidate: one, at: 0 }) as any) },
  { name: 'a rule that throws for one', says: /it threw .*no time/, make: () => hold('by-hand', () => () => { throw new Error('no time') }) }
]

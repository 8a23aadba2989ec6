import { candidate } from '../../src/pipeline/candidate.ts'
import { sleep } from '../../src/pipeline/clock.ts'
import { stage } from '../../src/pipeline/authoring/stage.ts'
import { numberedAddress } from './addresses.ts'
import { never } from './fuzz-clock.ts'
import type { Random } from './random.ts'
import type { Answer, AnyStage, Candidate, ConnectedDial, Dial, Timer, Work } from '../../src/pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

type Begin = (dial: Dial, work: Work) => Answer

type Run = (connections: AsyncIterable<Connection>, dial: ConnectedDial) => AsyncIterable<any>

const UNHEARD = new AbortController().signal

/** A fixed set of candidates: a filter may set a timer for each new one, and virtual time would stand still */
const SOME = Array.from({ length: 20 }, (_, n) => candidate(numberedAddress(n)))

/** Stages that never come to rest */
const ENDLESS: readonly Begin[] = [
  (_dial, work) => ({ candidates }) => {
    work.add(Promise.resolve())

    return candidates
  },
  (_dial, work) => {
    let asked = 0

    return ({ candidates }) => {
      work.add(Promise.resolve())

      return asked++ % 2 === 0 ? [] : candidates
    }
  },
  (_dial, work) => {
    let asked = 0

    return () => {
      work.after(0).end()

      return [SOME[asked++ % SOME.length] as Candidate]
    }
  },
  (dial, work) => ({ candidates }) => {
    work.at(dial.clock.now() + 1_000)

    return candidates
  }
]

const USUAL: readonly Begin[] = [
  () => ({ candidates }) => candidates,
  () => ({ candidates }) => candidates.toReversed(),
  () => ({ candidates, complete }) => complete ? candidates : [],
  () => ({ candidates }) => [...candidates, ...SOME.slice(3, 5)].filter((one, i, all) => all.findIndex(({ id }) => id === one.id) === i),
  () => ({ candidates, last }) => last ? [...candidates.filter(({ id }) => id !== SOME[3]?.id), SOME[3] as Candidate] : candidates,
  dial => ({ candidates }) => candidates.filter(one => !dial.tried(one)),
  () => {
    let first: readonly Candidate[] | undefined

    return ({ candidates }) => (first ??= candidates)
  },
  (_dial, work) => {
    const open = work.after(300)

    return ({ candidates }) => open.done ? candidates : []
  },
  (dial, work) => {
    let isOpen = false
    work.add(sleep(300, dial.clock, dial.signal).then(() => { isOpen = true }))

    return ({ candidates }) => isOpen ? candidates : []
  },
  (_dial, work) => {
    let closed: Timer | undefined

    return ({ candidates, last }) => {
      closed ??= last ? work.after(500) : undefined

      return closed?.done === true ? candidates : candidates.slice(0, 1)
    }
  },
  (_dial, work) => ({ candidates }) => candidates.map(one => {
    const other = candidate(one.multiaddr)
    work.became(one, [other])

    return candidates.length === 1 ? other : one
  }),
  (_dial, work) => {
    work.add(never())

    return ({ candidates }) => candidates
  }
]

const ODD: readonly Begin[] = [
  () => () => [],
  (_dial, work) => {
    work.add(never())

    return () => []
  },
  () => ({ candidates }) => [...candidates, SOME[3] as Candidate, SOME[3] as Candidate],
  () => () => ['text'] as any,
  () => () => undefined as any,
  () => (async () => []) as any,
  () => (async () => { throw new Error('the answer rejected') }) as any,
  () => ({ candidates }) => (candidates as Candidate[]).splice(0),
  () => { throw new Error('the stage threw at once') },
  () => undefined as any,
  (async () => { throw new Error('the beginning rejected') }) as any,
  dial => ({ candidates }) => {
    if (dial.outcomes.length > 0) {
      throw undefined as unknown as Error
    }

    return candidates
  },
  (dial, work) => {
    work.add(sleep(2_000, dial.clock, UNHEARD).then(() => { throw new Error('the work rejected') }))

    return ({ candidates }) => candidates
  },
  // work that goes on long after the end of the dial
  (dial, work) => {
    void sleep(60_000, dial.clock, UNHEARD).then(() => {
      work.after(1e12)
      work.at(1e15)
      work.add(Promise.reject(new Error('late')))
      work.drop(SOME[1] as Candidate, 'late')
    })

    return ({ candidates }) => candidates
  },
  (_dial, work) => {
    work.add(7 as any)

    return ({ candidates }) => candidates
  },
  (_dial, work) => {
    work.after(-5)

    return ({ candidates }) => {
      if (candidates.length > 1) {
        work.after(Number.NaN)
      }

      return candidates
    }
  },
  (_dial, work) => {
    work.hold(undefined as any)

    return ({ candidates }) => candidates
  }
]

/** Returns a list stage that no helper made. Some never come to rest */
export function handWritten (random: Random, traits: Set<string>): AnyStage {
  const kind = random.weigh([[5, USUAL], [3, ODD], [1, ENDLESS]])

  if (kind === ENDLESS) {
    traits.add('endless')
  }

  return stage('by-hand', random.pick(kind), { forRelays: random.chance(0.8) })
}

/** Stages that keep a dial until the node stops */
const LINGERING: readonly Run[] = [
  (connections, dial) => {
    dial.linger()
    return connections
  },
  async function * (connections, dial) {
    dial.linger()

    for await (const connection of connections) {
      while (true) {
        yield connection
      }
    }
  },
  async function * (connections, dial) {
    dial.linger()
    let count = 0

    for await (const connection of connections) {
      if (++count === 2) {
        yield connection
        return
      }
    }
  }
]

const BELOW: readonly Run[] = [
  async function * (connections) { yield * connections },
  async function * (connections) { for await (const connection of connections) { yield * connection == null ? [connection] : [] } },
  async function * (connections) { for await (const connection of connections) { yield * []; throw new Error(`threw with ${String(connection)}`) } },
  async function * (connections) { for await (const connection of connections) { yield { wraps: connection, newStream: () => {} } } },
  async function * () { yield undefined },
  async function * () { yield * [] },
  async function * (connections, dial) { for await (const connection of connections) { yield * []; dial.discard(connection) } },
  async function * (connections, dial) {
    for await (const connection of connections) {
      dial.discard(connection)
      yield connection
    }
  },
  () => { throw new Error('the stage threw at once') },
  () => undefined as any,
  () => ({ [Symbol.asyncIterator]: () => ({ next: () => { throw new Error('next() threw') } }) })
]

/** Returns a stage from connections to connections */
export function handWrittenBelow (random: Random, traits: Set<string>): AnyStage {
  const kind = random.weigh([[3, LINGERING], [2, BELOW]])

  if (kind === LINGERING) {
    traits.add('lingers')
  }

  return stage({ name: 'below', accepts: ['connections'], yields: 'connections', run: random.pick(kind) as any })
}

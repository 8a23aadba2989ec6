import { candidate } from '../../src/pipeline/candidate.ts'
import { sleep } from '../../src/pipeline/clock.ts'
import { stage } from '../../src/pipeline/stage.ts'
import { numberedAddress } from './addresses.ts'
import { never } from './fuzz-clock.ts'
import type { Random } from './random.ts'
import type { AnyStageInit, Candidate, Dial, List } from '../../src/pipeline/types.ts'

type Run<T> = (inputs: AsyncIterable<T>, dial: Dial) => AsyncIterable<any>

/** No new ones all the time: a filter may set a timer for each, and no time would go by on the virtual clock */
const SOME = Array.from({ length: 20 }, (_, n) => candidate(numberedAddress(n)))

const ENDLESS: ReadonlyArray<Run<List>> = [
  async function * (lists) {
    for await (const list of lists) {
      while (true) {
        yield list
      }
    }
  },
  async function * (lists) {
    for await (const list of lists) {
      while (true) {
        yield { ...list, candidates: [], complete: false }
        yield list
      }
    }
  },
  async function * (lists) {
    for await (const list of lists) {
      for (let n = 0; ; n++) {
        yield { ...list, candidates: [SOME[n % SOME.length] as Candidate], complete: false }
      }
    }
  }
]

const USUAL: ReadonlyArray<Run<List>> = [
  async function * (lists) { yield * lists },
  lists => lists,
  async function * (lists) { for await (const list of lists) { yield { ...list, candidates: list.candidates.toReversed() } } },
  async function * (lists, dial) {
    for await (const list of lists) {
      await sleep(300, dial.clock, dial.signal)
      yield list
    }
  },
  async function * (lists) { for await (const list of lists) { yield { ...list, complete: false } } },
  async function * (lists) { for await (const list of lists) { yield list; return } }
]

const ODD: ReadonlyArray<Run<List>> = [
  async function * () { yield * [] },
  async function * () { yield await never() },
  async function * (lists) { for await (const list of lists) { yield { ...list, revision: list.revision + 5 } } },
  async function * (lists) { for await (const list of lists) { yield { ...list, revision: 0 } } },
  async function * (lists) { for await (const list of lists) { yield { ...list, candidates: ['text'] } } },
  async function * (lists) { for await (const list of lists) { yield { ...list, candidates: [...list.candidates, SOME[3]] } } },
  async function * (lists) { for await (const list of lists) { yield list; throw new Error('the stage threw') } },
  async function * () { yield undefined },
  () => { throw new Error('the stage threw at once') },
  () => undefined as any,
  () => ({ [Symbol.asyncIterator]: () => ({ next: () => { throw new Error('next() threw') } }) })
]

/** A stage from list to list that is no helper's: some yield for ever, and never wait */
export function handWritten (random: Random, traits: Set<string>): AnyStageInit {
  const kind = random.weigh([[5, USUAL], [3, ODD], [1, ENDLESS]])

  if (kind === ENDLESS) {
    traits.add('endless')
  }

  return stage({ name: 'by-hand', accepts: ['candidates'], yields: 'candidates', run: random.pick(kind) })
}

/** These keep a dial for as long as they like: only the end of the node ends it */
const LINGERING: ReadonlyArray<Run<unknown>> = [
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

const BELOW: ReadonlyArray<Run<unknown>> = [
  async function * (connections) { yield * connections },
  async function * (connections) { for await (const connection of connections) { yield * connection == null ? [connection] : [] } },
  async function * (connections) { for await (const connection of connections) { yield * []; throw new Error(`threw with ${String(connection)}`) } },
  async function * (connections) { for await (const connection of connections) { yield { wraps: connection, newStream: () => {} } } },
  async function * () { yield undefined },
  async function * () { yield * [] },
  () => { throw new Error('the stage threw at once') }
]

/** A stage from connections to connections */
export function handWrittenBelow (random: Random, traits: Set<string>): AnyStageInit {
  const kind = random.weigh([[3, LINGERING], [2, BELOW]])

  if (kind === LINGERING) {
    traits.add('lingers')
  }

  return stage({ name: 'below', accepts: ['connections'], yields: 'connections', run: random.pick(kind) as any })
}

import type { Made } from './run.ts'
import type { Candidate, Dial, List } from './types.ts'

/** Lets only some candidates of each list flow through a stage. The others stay where they stand */
export function beside ({ init, stage }: Made, isSubject: (candidate: Candidate, dial: Dial) => boolean): Made {
  const { begin } = stage

  return {
    init,
    stage: {
      run: (source, dial) => {
        let whole: List | undefined

        async function * subjects (): AsyncGenerator<List> {
          for await (const list of source as AsyncIterable<List>) {
            whole = list
            yield subjectsIn(list, one => isSubject(one, dial))
          }
        }

        // a stage that is written by hand may yield before it has asked for a list
        return withOthers(stage.run(subjects(), dial), list => whole == null ? list : rejoined(list, whole, one => isSubject(one, dial)))
      },
      begin: begin == null ? undefined : (dial, wake) => {
        const step = begin(dial, wake)
        const isOne = (one: Candidate): boolean => isSubject(one, dial)

        return { ...step, next: (list: List): List => rejoined(step.next(subjectsIn(list, isOne)), list, isOne) }
      }
    }
  }
}

/** Lets a stage drop from each list, and add nothing to it */
export function onlyDropping ({ init, stage }: Made): Made {
  return {
    init,
    stage: {
      run: (source, dial) => {
        let ids = new Set<string>()

        async function * noted (): AsyncGenerator<List> {
          for await (const list of source as AsyncIterable<List>) {
            ids = new Set(list.candidates.map(({ id }) => id))
            yield list
          }
        }

        return withOthers(stage.run(noted(), dial), list => ({ ...list, candidates: list.candidates.filter(({ id }) => ids.has(id)) }))
      }
    }
  }
}

async function * withOthers (lists: AsyncIterable<List>, rejoin: (list: List) => List): AsyncGenerator<List> {
  for await (const list of lists) {
    yield rejoin(list)
  }
}

function subjectsIn (list: List, isSubject: (candidate: Candidate) => boolean): List {
  return list.candidates.every(isSubject) ? list : { ...list, candidates: list.candidates.filter(isSubject) }
}

function rejoined (list: List, { candidates }: List, isSubject: (candidate: Candidate) => boolean): List {
  const others = new Map(candidates.filter(one => !isSubject(one)).map(one => [one.id, one]))

  if (others.size === 0) {
    return list
  }

  const places = new Map(candidates.map(({ id }, i) => [id, i]))
  const placeOf = ({ id }: Candidate): number => places.get(id) ?? places.size
  const both = [...others.values(), ...list.candidates.filter(({ id }) => !others.has(id))]

  return { ...list, candidates: both.toSorted((a, b) => placeOf(a) - placeOf(b)) }
}

import { checkAnswer } from './check-answer.ts'
import type { PlacedStage } from './lists.ts'
import type { Answer, Candidate, List } from '../types.ts'

/** Lets only some candidates of each list through a stage. The others stay where they stand */
export function beside (placed: PlacedStage, isSubject: (candidate: Candidate) => boolean): PlacedStage {
  return wrap(placed, answer => list => {
    const subjects = list.candidates.filter(isSubject)

    return subjects.length === list.candidates.length ? answer(list) : rejoined(answer({ ...list, candidates: subjects }), list, isSubject)
  })
}

/** Lets a stage drop from each list, and add nothing to it */
export function onlyDropping (placed: PlacedStage): PlacedStage {
  return wrap(placed, answer => list => {
    const ids = new Set(list.candidates.map(({ id }) => id))

    return answer(list).filter(({ id }) => ids.has(id))
  })
}

function wrap (placed: PlacedStage, around: (answer: Answer) => Answer): PlacedStage {
  const { plan } = placed

  return {
    ...placed,
    plan: {
      ...plan,
      begin: (dial, work, state) => {
        const answer = plan.begin(dial, work, state)

        // what goes around it takes it for candidates
        return around(plan.isTrusted === true ? answer : list => checkAnswer(answer(list), list.candidates, dial, work))
      }
    }
  }
}

function rejoined (answered: readonly Candidate[], { candidates }: List, isSubject: (candidate: Candidate) => boolean): readonly Candidate[] {
  const others = new Map(candidates.filter(one => !isSubject(one)).map(one => [one.id, one]))
  const places = new Map(candidates.map(({ id }, i) => [id, i]))
  const placeOf = ({ id }: Candidate): number => places.get(id) ?? places.size

  return [...others.values(), ...answered.filter(({ id }) => !others.has(id))].toSorted((a, b) => placeOf(a) - placeOf(b))
}

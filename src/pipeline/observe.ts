import { abbreviated, isCandidate, isTooLong, TOO_LONG, peerOf } from './candidate.ts'
import { checkedPace } from './checked-pace.ts'
import { describeValue, ignoreRejections } from './describe-value.ts'
import { InvalidStageOutputError } from './errors.ts'
import { isAsyncIterable } from './one-by-one.ts'
import { TurnTaker } from './tick.ts'
import { toStageError } from './to-stage-error.ts'
import type { AnyStageInit, Candidate, Dial, List, Pace } from './types.ts'

const checked = new WeakSet<AnyStageInit>()

/** Marks a stage that checks its own output and says what it drops: those of the authoring helpers */
export function check<S extends AnyStageInit> (init: S): S {
  checked.add(init)

  return Object.freeze(init)
}

export function isChecked (init: AnyStageInit): boolean {
  return checked.has(init)
}

const composed = new WeakSet<AnyStageInit>()

/** Registered: another copy of this package has it too */
const COMPOSED = Symbol.for('libp2p-dial-pipeline.composed')

/** Marks a stage that is made of others: what became of an address is for them to say */
export function compose<S extends AnyStageInit> (init: S): S {
  composed.add(init)

  return check(Object.defineProperty(init, COMPOSED, { value: true }))
}

export function isComposed (init: AnyStageInit): boolean {
  return composed.has(init)
}

/** Whether a stage is made of others by another copy of this package: what those drop, nobody here can know */
export function isOfAnotherCopy (init: AnyStageInit): boolean {
  return COMPOSED in init && !isComposed(init)
}

/** Checks what a hand-written stage yields, and writes the verdicts that it does not */
export async function * observed (init: AnyStageInit, stage: { run (source: AsyncIterable<any>, dial: Dial): AsyncIterable<any> }, source: AsyncIterable<any>, dial: Dial): AsyncGenerator<any> {
  const paces = new WeakMap<Pace, Pace>()
  let input: List | undefined

  function paced (list: List): List {
    if (list.pace == null || list.pace === input?.pace) {
      return list
    }

    const pace = paces.get(list.pace) ?? checkedPace(init.name, list.pace)
    paces.set(list.pace, pace)

    return { ...list, pace }
  }

  async function * tap (): AsyncGenerator<any> {
    for await (const value of source) {
      input = value.kind === 'candidates' ? value : undefined
      yield value
    }
  }

  const turns = new TurnTaker()

  try {
    for await (const yielded of flowOf(init, stage.run(tap(), dial))) {
      let output = yielded
      const turn = turns.next()

      if (turn != null) {
        await turn
      }

      if (init.yields === 'candidates') {
        checkList(init.name, output, input, dial)
        output = withoutTooLong(output, dial)

        if (input != null && output.complete && output.revision === input.revision) {
          writeVerdicts(input, output, dial)
        }

        yield paced(output)
        continue
      }

      if (init.yields === 'connections' && typeof output?.newStream !== 'function') {
        throw new InvalidStageOutputError(init.name, `yielded ${describeValue(output)} where a connection was expected`)
      }

      yield output
    }
  } catch (err) {
    throw toStageError(init.name, err)
  }
}

function flowOf ({ name }: AnyStageInit, flow: unknown): AsyncIterable<any> {
  if (!isAsyncIterable(flow)) {
    throw new InvalidStageOutputError(name, `has a run() that answered ${describeValue(flow)} where an async iterable was expected: write it as async function *`)
  }

  return flow
}

function checkList (stage: string, list: List, input: List | undefined, dial: Dial): void {
  if (list?.kind !== 'candidates' || !Array.isArray(list.candidates) || typeof list.complete !== 'boolean' || typeof list.revision !== 'number') {
    throw new InvalidStageOutputError(stage, `yielded ${describeValue(list)} where a list was expected: yield { ...list, candidates }`)
  }

  const known = new Set(input?.candidates)
  const seen = new Set<string>()

  for (const candidate of list.candidates) {
    if (!known.has(candidate)) {
      checkCandidate(stage, candidate, list, dial)
    }

    if (seen.has(candidate.id)) {
      throw new InvalidStageOutputError(stage, `yielded ${candidate.id} twice in one list`)
    }

    seen.add(candidate.id)
  }
}

function checkCandidate (stage: string, candidate: Candidate, { candidates }: List, dial: Dial): void {
  if (!isCandidate(candidate)) {
    ignoreRejections(candidates)
    throw new InvalidStageOutputError(stage, `yielded ${describeValue(candidate)} as a candidate: make candidates with candidate()`)
  }

  const peer = peerOf(candidate.multiaddr)

  if (dial.target.peerId != null && peer !== undefined && peer !== dial.target.peerId.toString()) {
    throw new InvalidStageOutputError(stage, `yielded ${candidate.id}, an address of another peer than ${dial.target.peerId.toString()}`)
  }
}

function withoutTooLong (list: List, dial: Dial): List {
  const tooLong = list.candidates.filter(isTooLong)
  tooLong.forEach(candidate => { dial.verdict(abbreviated(candidate), TOO_LONG) })

  return tooLong.length === 0 ? list : { ...list, candidates: list.candidates.filter(candidate => !isTooLong(candidate)) }
}

function writeVerdicts (input: List, output: List, dial: Dial): void {
  const kept = new Set(output.candidates.map(({ id }) => id))

  for (const candidate of input.candidates) {
    if (kept.has(candidate.id)) {
      dial.verdict(candidate, true)
    } else if (!dial.spent(candidate)) {
      dial.verdict(candidate, false)
    }
  }
}

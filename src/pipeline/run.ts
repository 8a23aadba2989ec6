import { abortable } from './abortable.ts'
import { isInherited, isNotForRelays } from './dial-policy.ts'
import { describeValue } from './describe-value.ts'
import { InvalidPipelineError, InvalidStageOutputError } from './errors.ts'
import { isChecked, isComposed, observed } from './observe.ts'
import { reactAll } from './react.ts'
import { StageDial } from './stage-dial.ts'
import { toStageError } from './to-stage-error.ts'
import { Wake } from './wake.ts'
import type { Step } from './react.ts'
import type { Begin } from './stepwise.ts'
import type { AnyStageInit, AttemptLayer, Dial, DialComponents, List } from './types.ts'

/** A stage of a node, with what is known of it beforehand */
export interface Made {
  init: AnyStageInit
  stage: { run (source: AsyncIterable<any>, dial: Dial): AsyncIterable<any>, readonly layers?: readonly AttemptLayer[], readonly begin?: Begin }
}

/** Lets a dial flow through stages. Each is given the dial under its own name; those that go by steps share a loop */
export function runStages (made: readonly Made[], source: AsyncIterable<any>, dial: Dial): AsyncIterable<any> {
  if (!(dial instanceof StageDial)) {
    throw new InvalidPipelineError('Cannot run a pipeline with this dial: the filters above it would be lost for relays. Pass on the dial that the stage was given, or a fork of it, and no wrapper')
  }

  const { inherited } = dial
  let flow = source
  // what stands below a race is for the peer that the application dials, and not for a relay on the way to it
  let layers = inherited == null ? layersOf(made) : []
  let policy = dial.policy
  let steps: Step[] = []
  let wake = new Wake()

  function endLoop (): void {
    if (steps.length > 0) {
      flow = reactAll(flow, dial.signal, wake, steps)
      steps = []
      wake = new Wake()
    }
  }

  for (const { init, stage } of inherited == null ? made : onBehalf(made, inherited, dial.isOfRelay)) {
    // its own are for those above it
    layers = stage.layers == null ? layers : layers.slice(0, Math.max(0, layers.length - stage.layers.length))
    const named = dial.as(init.name, { layers, declared: init.options, policy, isJudged: racesCandidates(init) })
    const racing = racesCandidates(init) ? named : undefined

    if (racing != null) {
      steps.push(listed(racing))
    }

    if (isChecked(init) && stage.begin != null) {
      steps.push({ ...stage.begin(named, wake), stage: init.name })
    } else {
      endLoop()
      flow = racing == null ? flow : untilLeft(flow, racing)
      flow = isChecked(init) ? stage.run(flow, named) : observed(init, stage, flow, named)
    }

    policy = policyBelow(init, named, policy)
  }

  dial.policyBelow = policy
  endLoop()

  return flow
}

/**
 * Runs one stage (a pipeline, mostly) in a scope of its own: a dial, or a fork of one. Whoever iterates aborts the
 * scope's signal when leaving; every wait ends with it.
 */
export function runScope (made: Made, source: AsyncIterable<any>, dial: Dial): AsyncGenerator<any> {
  return abortable(runStages([made], source, dial), dial.signal)
}

/** What stages put around the attempts above them: the lowest stage's are outermost */
export function layersOf (made: readonly Made[]): readonly AttemptLayer[] {
  return made.toReversed().flatMap(({ stage }) => stage.layers ?? [])
}

/** @throws InvalidStageOutputError where that makes no stage */
export function make (init: AnyStageInit, components: DialComponents): Made {
  const stage = begin(init, components)

  if (typeof stage?.run !== 'function') {
    throw new InvalidStageOutputError(init.name, `was made as ${describeValue(stage)} where an object with a run() was expected`)
  }

  return { init, stage }
}

function begin (init: AnyStageInit, components: DialComponents): Made['stage'] {
  try {
    return init(components)
  } catch (err) {
    throw toStageError(init.name, err)
  }
}

/** The filters above what stands below a stage. One that is made of others knows them since it runs: `when()` may go by its stage */
function policyBelow (init: AnyStageInit, dial: StageDial, above: readonly AnyStageInit[]): readonly AnyStageInit[] {
  const inner = isComposed(init) ? dial.policyBelow : undefined

  return inner ?? (isInherited(init) ? [...above, init] : above)
}

/** The stages of a dial that is made for others: what those inherit to it stands above each race, and nothing below */
function onBehalf (made: readonly Made[], inherited: readonly Made[], isOfRelay: boolean): Made[] {
  return made
    .filter(({ init }) => init.accepts.connections !== true && !(isOfRelay && isNotForRelays(init)))
    .flatMap(one => racesCandidates(one.init) ? inherited.concat(one) : one)
}

function racesCandidates (init: AnyStageInit): boolean {
  return init.yields === 'connections' && init.accepts.candidates === true && init.accepts.target !== true && !isComposed(init)
}

/** The runner's look at every list that reaches a race */
function listed (dial: StageDial): Step {
  return {
    next: (list: List): List => {
      dial.listed(list)

      return list
    }
  }
}

/** Tells the dial the moment at which a race has done with its lists: what comes later, it has not seen */
function untilLeft (source: AsyncIterable<List>, dial: StageDial): AsyncIterable<List> {
  return {
    [Symbol.asyncIterator]: () => {
      const iterator = source[Symbol.asyncIterator]()

      return {
        next: iterator.next.bind(iterator),
        return: async value => {
          dial.left()

          return await iterator.return?.(value) ?? { done: true, value }
        }
      }
    }
  }
}

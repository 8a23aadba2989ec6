import { abortable } from './abortable.ts'
import { isChecked, isComposed, observed } from './observe.ts'
import { StageDial } from './scope.ts'
import type { AnyStageInit, Dial, DialComponents, List } from './types.ts'

/** A stage of a node, with what is known of it beforehand */
export interface Made {
  init: AnyStageInit
  stage: { run (source: AsyncIterable<any>, dial: Dial): AsyncIterable<any> }
}

/** Lets a dial flow through stages. Each is given the dial under its own name */
export function runStages (made: readonly Made[], source: AsyncIterable<any>, dial: Dial): AsyncIterable<any> {
  let flow = source

  for (const { init, stage } of made) {
    const named = dial instanceof StageDial ? dial.as(init.name) : dial
    const input = named instanceof StageDial && racesCandidates(init) ? listed(flow, named) : flow

    flow = isChecked(init) ? stage.run(input, named) : observed(init, stage, input, named)
  }

  return flow
}

/**
 * Runs one stage (a pipeline, mostly) in a scope of its own: a dial, or a fork of one. Whoever iterates aborts the
 * scope's signal when leaving; every wait ends with it.
 */
export function runScope (made: Made, source: AsyncIterable<any>, dial: Dial): AsyncGenerator<any> {
  return abortable(runStages([made], source, dial), dial.signal)
}

export function make (init: AnyStageInit, components: DialComponents): Made {
  return { init, stage: init(components) }
}

function racesCandidates (init: AnyStageInit): boolean {
  return init.yields === 'connections' && init.accepts.candidates === true && init.accepts.target !== true && !isComposed(init)
}

/** The runner's look at every list that reaches a race */
async function * listed (source: AsyncIterable<List>, dial: StageDial): AsyncGenerator<List> {
  for await (const list of source) {
    dial.listed(list.candidates, list.complete && list.revision === dial.target.revision)
    yield list
  }
}

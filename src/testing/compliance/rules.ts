import * as any from './any/index.ts'
import * as lists from './lists/index.ts'
import * as races from './races/index.ts'
import { all } from './rule.ts'
import * as settling from './settling/index.ts'
import type { Rule } from './rule.ts'

/** The contract of a stage: section "The contract of a stage" of `docs/architecture.md` */
export const rules: readonly Rule[] = [
  { point: 1, title: 'every list is the whole list, and replaces the one before', lists: lists.whole, races: races.newest },
  { point: 2, title: 'complete only if it came in complete and nothing is pending; what there is comes first', lists: lists.complete },
  { point: 3, title: 'asked again with every revision, and not over before its source', lists: lists.askedAgain, races: races.sourceEnds, settling: settling.passes },
  { point: 4, title: 'the race ends with nothing in flight or untried, and a complete list of the current revision', lists: lists.revision, races: races.ends },
  { point: 5, title: 'a candidate is frozen, and the same object as long as it says the same', lists: lists.sameObjects, races: races.sameObjects, settling: settling.sameObjects },
  { point: 6, title: 'position is preference, the pace is time', lists: lists.paced, races: races.paced },
  { point: 7, title: 'nothing above a race waits for an outcome', lists: lists.noOutcome },
  { point: 8, title: 'withdrawing stops what is pending, never what is in flight', lists: lists.withdrawn, races: races.withdrawn },
  { point: 9, title: 'every address has a story', lists: lists.verdicts, races: races.stories },
  { point: 10, title: 'what is broken fails the dial, and nothing else does', lists: lists.broken, races: races.broken, settling: settling.broken },
  { point: 11, title: 'time comes from the dial\'s clock only, and what changes with it is yielded unasked', lists: all(any.onlyTheDialsClock, any.yieldsByItself), races: any.onlyTheDialsClock, settling: any.onlyTheDialsClock },
  { point: 12, title: 'every wait ends with the signal', lists: any.endsWithTheSignal, races: any.endsWithTheSignal, settling: any.endsWithTheSignal },
  { point: 13, title: 'nothing remains after a win, a loss or an abort', lists: all(any.nothingAfterLeaving, any.nothingAfterTheEnd), races: all(any.nothingAfterLeaving, any.nothingAfterTheEnd, races.nothingLeft), settling: all(any.nothingAfterLeaving, any.nothingAfterTheEnd, settling.nothingLeft) },
  { point: 14, title: 'name, accepts, yields and options are on the init', lists: any.declaresItself, races: any.declaresItself, settling: any.declaresItself }
]

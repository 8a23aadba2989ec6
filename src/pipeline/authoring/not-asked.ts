import type { SourceStory } from '../runtime/story.ts'
import type { StageDial } from '../runtime/stage-dial.ts'
import type { Candidate, Dial } from '../types.ts'

/** Returns why a source asks nobody in this dial, or undefined */
export type WhyNotAsked = (dial: Dial, above: readonly Candidate[]) => string | undefined

/** Thrown by a function of a source that asks nobody. The message is the reason */
export class NotAsked extends Error {
  static override name = 'NotAsked'
}

/** Records and logs that a source asks nobody */
export function skipSource (story: SourceStory, reason: string, dial: StageDial): void {
  story.notAsked = reason
  dial.log('was not asked: %s', reason)
}

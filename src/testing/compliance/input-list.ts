import { listStage } from '../../pipeline/authoring/list-stage.ts'
import type { StageWork } from '../../pipeline/runtime/work.ts'
import type { AnyStage, Candidate } from '../../pipeline/types.ts'

export interface ListInput {
  candidates?: readonly Candidate[]
  complete?: boolean
}

/** The stage above the tested one: its list is set by `give()` */
export class InputList {
  hasList = false
  #candidates: readonly Candidate[] = []
  #isComplete = true
  #work?: StageWork

  readonly stage: AnyStage = listStage('given', (_dial, work) => {
    this.#work = work
    work.pending = Number(!this.#isComplete)

    return () => this.#candidates
  })

  /** Sets the list. Without candidates the list stays the same */
  give ({ candidates = this.#candidates, complete = true }: ListInput): void {
    this.hasList = true
    this.#candidates = [...candidates]
    this.#isComplete = complete

    if (this.#work != null) {
      this.#work.pending = Number(!complete)
      this.#work.notify()
    }
  }
}

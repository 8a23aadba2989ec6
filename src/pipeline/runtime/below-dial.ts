import { describeValue } from '../describe-value.ts'
import { InvalidStageOutputError, VerificationError } from '../errors.ts'
import { StageDial } from './stage-dial.ts'
import type { Part } from './part.ts'
import type { AnyStage, ConnectedDial } from '../types.ts'
import type { Connection } from '@libp2p/interface'

/** A dial as a stage below a race sees it */
export class BelowDial extends StageDial implements ConnectedDial {
  readonly #stage: AnyStage

  constructor (part: Part, stage: AnyStage) {
    super(part, stage)
    this.#stage = stage
  }

  override discard (connection: Connection, reason?: string): void {
    if (reason != null && typeof reason !== 'string') {
      throw new InvalidStageOutputError(this.stage, `has discarded a connection for ${describeValue(reason)}: a reason is a text`)
    }

    this.#refuse(connection, reason == null || reason === '' ? undefined : `${this.stage} refused ${connection.remoteAddr.toString()}: ${reason}`)
    super.discard(connection)
  }

  /** The stage has ended, and has passed on none of the connections that it was given. Of those that it discarded for a reason that is known */
  passedOnNone (given: ReadonlySet<Connection>): void {
    given.forEach(one => { this.#refuse(one, `${this.stage} passed on none of ${given.size} connection${given.size === 1 ? '' : 's'}`) })
  }

  #refuse (connection: Connection, message: string | undefined): void {
    const { host: { story }, memory } = this.part

    for (const { candidate, attempt } of story.attemptsWith(connection)) {
      memory.refuse(candidate, this.#stage)

      if (message != null) {
        attempt.refusal ??= new VerificationError(message)
      }
    }
  }
}

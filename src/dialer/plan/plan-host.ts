import { toError } from '../../pipeline/errors.ts'
import { Judgements } from '../../pipeline/judgements.ts'
import { LiveTarget } from '../../pipeline/runtime/live-target.ts'
import { Story } from '../../pipeline/runtime/story.ts'
import { isNamed } from '../../pipeline/runtime/make-stage.ts'
import type { ParsedTarget } from '../dials/target.ts'
import type { AttemptListener, PendingWork, BegunAttempt, DialHost, MadeList } from '../../pipeline/runtime/dial-host.ts'
import type { Candidate, DialComponents, DialPipelineOptions } from '../../pipeline/types.ts'
import type { Logger } from '@libp2p/interface'

/** Maximum number of attempts in one plan: a retry without a delay would never end */
const MAX_ATTEMPTS = 1_024

/** Replaces the engine where nothing is dialled, as in a plan: no attempt is answered, and nothing is recorded */
export class PlanHost implements DialHost {
  readonly node: DialComponents
  readonly log: Logger
  readonly options: DialPipelineOptions
  readonly target: LiveTarget
  readonly story = new Story()
  readonly judgements: Judgements
  /** The sources that the plan skips because they would ask other peers */
  readonly spared = new Set<string>()
  lists?: PendingWork
  /** The stages that are still pending at the end of the plan */
  awaited: readonly string[] = []
  /** Called when the plan has more attempts than `MAX_ATTEMPTS` */
  onTooMany = (): void => {}
  #attempts = 0

  /** @param node the node's components, with the clock of the plan */
  constructor (node: DialComponents, { peerId, multiaddrs }: ParsedTarget, options: DialPipelineOptions, log: Logger) {
    this.node = node
    this.log = log
    this.options = options
    this.target = new LiveTarget(peerId, multiaddrs)
    this.judgements = new Judgements(node, peerId)
  }

  mayAsk (stage: string, isLast: boolean): boolean {
    const asksPeers = isLast || isNamed(stage, 'from-routing')

    if (asksPeers) {
      this.spared.add(stage)
    }

    return !asksPeers
  }

  attempt (candidate: Candidate, listener: AttemptListener): BegunAttempt {
    let isOver = false
    const fail = (err: unknown): void => {
      if (!isOver) {
        isOver = true
        listener.onFailed(toError(err))
      }
    }

    if (++this.#attempts > MAX_ATTEMPTS) {
      this.onTooMany()
    }

    try {
      const checked = this.judgements.check(candidate)
      // a plan does not wait for a slow gater: until it denies, the attempt counts as allowed
      checked?.catch(fail)
      listener.onStart(this.node.clock.now())
    } catch (err) {
      queueMicrotask(() => { fail(err) })
    }

    return { cancel: () => { isOver = true } }
  }

  onListPulled (_list: MadeList, lists: PendingWork): void {
    this.lists = lists
  }

  discard (): void {}
}

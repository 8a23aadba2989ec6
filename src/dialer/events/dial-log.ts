import { failureOf, isAnswer } from '../../history/failure.ts'
import { formatAddresses } from '../../pipeline/safe-text.ts'
import { safeLog } from '../../pipeline/safe-log.ts'
import { count } from '../../trace/outcome.ts'
import type { AttemptEnd, DialObserver, ObservedAttempt, ObservedDial } from '../../metrics/observer.ts'
import type { Clock } from '../../pipeline/clock.ts'
import type { Connection, ComponentLogger, Logger } from '@libp2p/interface'

/** Logs the steps of each dial as `libp2p:dial-pipeline:dial`. Dropped addresses, found addresses and the race order are logged by the stages */
export class DialLog implements DialObserver {
  readonly log: Logger
  readonly #clock: Clock

  constructor (logger: ComponentLogger, clock: Clock) {
    this.log = safeLog(logger, 'libp2p:dial-pipeline:dial')
    this.#clock = clock
  }

  dialStarted ({ id, requested: { peer }, multiaddrs, pipeline }: ObservedDial): void {
    if (this.log.enabled) {
      this.log('dial %s begins: peer %s, pipeline %s, %s%s', id, peer ?? 'unknown', pipeline.name, count(multiaddrs.length, 'address', 'es'), multiaddrs.length === 0 ? '' : `: ${formatAddresses(multiaddrs.map(String))}`)
    }
  }

  dialConnected ({ id, run }: ObservedDial, { remotePeer, remoteAddr }: Connection, at: number): void {
    if (this.log.enabled) {
      this.log('dial %s connected to %p over %a, %d ms after it began', id, remotePeer, remoteAddr, Math.round(at - (run?.startedAt ?? at)))
    }
  }

  dialEnded (dial: ObservedDial): void {
    const { id, run } = dial

    if (this.log.enabled && run != null) {
      const ms = Math.round((run.endedAt ?? this.#clock.now()) - run.startedAt)

      if (run.error == null) {
        this.log('dial %s ended after %d ms, connected over %s', id, ms, String(run.connection?.remoteAddr))
      } else {
        const { awaited } = dial.trace
        this.log('dial %s %s after %d ms%s - %e', id, run.isAborted === true ? 'was ended' : 'failed', ms, awaited.length === 0 ? '' : `, still waiting for ${awaited.join(', ')}`, run.error)
      }
    }
  }

  attemptStarted ({ candidate, dials }: ObservedAttempt, at: number): void {
    if (this.log.enabled) {
      const all = [...dials]
      this.log('dial %s tries %s, %d ms after it began', all.map(({ id }) => id).join(', '), formatAddresses([candidate.id]), Math.round(at - (all[0]?.startedAt ?? at)))
    }
  }

  attemptEnded ({ candidate: { id } }: ObservedAttempt, end: AttemptEnd): void {
    if (this.log.enabled) {
      const { outcome, startedAt, endedAt, error } = end
      const ms = Math.round(endedAt - startedAt)

      if (error == null) {
        this.log('%s %s after %d ms%s', formatAddresses([id]), outcome, ms, responseIn(end))
      } else {
        this.log('%s %s after %d ms%s - %e', formatAddresses([id]), outcome, ms, responseIn(end), error)
      }
    }
  }
}

/** Returns what the remote has answered. Empty when the error does not tell whether there was an answer */
function responseIn ({ startedAt, firstResponseAt, endedAt, error }: AttemptEnd): string {
  if (firstResponseAt != null) {
    return `: first heard of after ${Math.round(firstResponseAt - startedAt)} ms`
  }

  const failure = error == null ? 'silent' : failureOf(error, endedAt - startedAt, false)

  return failure === 'silent' ? ': nothing was heard' : isAnswer(failure) ? ': the remote answered' : ''
}

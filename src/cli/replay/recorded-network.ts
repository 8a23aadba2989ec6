import { ScriptedNetwork } from '../../testing/scripted-network.ts'
import type { Script, ScriptedDialOptions } from '../../testing/scripted-network.ts'
import type { Clock } from '../../pipeline/clock.ts'
import type { DialTrace, TraceAttempt, TraceMark } from '../../trace/types.ts'
import type { Connection } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Fails a scripted attempt at the point where the trace has no outcome for it */
class OutcomeUnknown extends Error {
  readonly after: number

  /** @param after milliseconds after the start of the attempt */
  constructor (after: number) {
    super('unknown outcome')
    this.after = after
  }
}

/** An address whose outcome the trace does not have */
export interface UnknownOutcome {
  address: string
  /** Milliseconds after the start of the attempt. 0 when the address was never attempted */
  after: number
}

/** Traces of earlier releases have the code only in the message */
const ERROR_CODE = /\bE[A-Z]{3,}\b/

/** Network in which each address repeats what it did in a recorded dial */
export class RecordedNetwork extends ScriptedNetwork {
  readonly #recorded: ReadonlyMap<string, readonly Script[]>
  readonly #begun = new Map<string, number>()
  readonly #onUnknown: (unknown: UnknownOutcome) => void

  /** @param onUnknown called when the dial needs an outcome that the trace does not have */
  constructor (clock: Clock, trace: DialTrace, onUnknown: (unknown: UnknownOutcome) => void) {
    super(clock)
    this.#recorded = new Map(trace.candidates.map(({ address, attempts }) => [address, attempts.flatMap(attempt => scriptOf(attempt) ?? [])]))
    this.#onUnknown = onUnknown
  }

  override async dial (multiaddr: Multiaddr, options: ScriptedDialOptions): Promise<Connection> {
    const address = multiaddr.toString()
    const all = this.#recorded.get(address) ?? []
    const begun = this.#begun.get(address) ?? 0
    this.#begun.set(address, begun + 1)
    // with more attempts than in the trace, an address repeats the last one
    this.script(address, all[Math.min(begun, all.length - 1)] ?? unknownAfter(0))

    try {
      return await super.dial(multiaddr, options)
    } catch (err) {
      if (err instanceof OutcomeUnknown) {
        this.#onUnknown({ address, after: err.after })
      }

      throw err
    }
  }
}

function scriptOf ({ startedAt, endedAt = startedAt, outcome, marks, error }: TraceAttempt): Script | undefined {
  if (startedAt == null || endedAt == null) {
    return
  }

  const duration = Math.max(0, endedAt - startedAt)
  const after = (names: ReadonlyArray<TraceMark['name']>, least: number): number | undefined => {
    const mark = marks.find(({ name }) => names.includes(name))

    return mark == null ? undefined : Math.min(duration, Math.max(least, mark.at - startedAt))
  }
  // a pipeline may wait longer for an address that has responded
  const firstResponse = after(['answered', 'opened'], 0)
  const progress = { firstResponse, encrypted: after(['encrypted'], firstResponse ?? 0) }

  switch (outcome) {
    case 'connected':
    case 'rejected': return { connects: duration, ...progress }
    case 'failed': return { refuses: duration, ...progress, error: errorOf(error) }
    case 'in flight':
    case 'waiting':
    case 'cancelled': return { ...unknownAfter(duration), ...progress }
  }
}

function unknownAfter (ms: number): Script & object {
  return { refuses: ms, error: new OutcomeUnknown(ms) }
}

function errorOf (error: TraceAttempt['error']): Error {
  const { name = 'Error', message = 'failed', code = ERROR_CODE.exec(message)?.[0] } = error ?? {}

  return Object.assign(new Error(message), { name, ...code != null && { code } })
}

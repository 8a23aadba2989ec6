import { sleep } from '../../pipeline/clock.ts'
import { ScriptedNetwork } from '../../testing/scripted-network.ts'
import type { Script, ScriptedDialOptions } from '../../testing/scripted-network.ts'
import type { Clock } from '../../pipeline/clock.ts'
import type { DialTrace, TraceAttempt, TraceMark } from '../../trace/types.ts'
import type { Connection } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** What a trace says of one attempt: how it ended, or for how many milliseconds it had not */
type Recorded = { script: Script } | { silentFor: number }

/** An address of which the trace does not say what it would have done */
export interface UnknownOutcome {
  address: string
  /** Milliseconds after the attempt began. 0: the address was not attempted */
  after: number
}

const ERROR_CODE = /\bE[A-Z]{3,}\b/

/** A network in which each address does what it did in a recorded dial. Of an address without an outcome nobody knows */
export class RecordedNetwork extends ScriptedNetwork {
  readonly #clock: Clock
  readonly #recorded: ReadonlyMap<string, readonly Recorded[]>
  readonly #begun = new Map<string, number>()
  readonly #onUnknown: (unknown: UnknownOutcome) => void

  /** @param onUnknown called when a dial depends on what the trace does not say */
  constructor (clock: Clock, trace: DialTrace, onUnknown: (unknown: UnknownOutcome) => void) {
    super(clock)
    this.#clock = clock
    this.#recorded = new Map(trace.candidates.map(({ address, attempts }) => [address, attempts.flatMap(attempt => recordedOf(attempt) ?? [])]))
    this.#onUnknown = onUnknown
  }

  override async dial (multiaddr: Multiaddr, options: ScriptedDialOptions): Promise<Connection> {
    const address = multiaddr.toString()
    const all = this.#recorded.get(address) ?? []
    const begun = this.#begun.get(address) ?? 0
    this.#begun.set(address, begun + 1)
    // an address that is tried more often than in the trace does what it did last
    const recorded = all[Math.min(begun, all.length - 1)] ?? { silentFor: 0 }

    if ('script' in recorded) {
      this.script(address, recorded.script)

      return super.dial(multiaddr, options)
    }

    const { signal = new AbortController().signal } = options
    this.attempts.push({ multiaddr: address, at: this.#clock.now(), signal })
    await sleep(recorded.silentFor, this.#clock, signal)
    this.#onUnknown({ address, after: recorded.silentFor })
    throw new Error('unknown outcome')
  }
}

function recordedOf ({ startedAt, endedAt = startedAt, outcome, marks, error }: TraceAttempt): Recorded | undefined {
  if (startedAt == null || endedAt == null) {
    return
  }

  const duration = Math.max(0, endedAt - startedAt)

  switch (outcome) {
    case 'connected':
    case 'rejected': {
      const after = (names: ReadonlyArray<TraceMark['name']>, least: number): number | undefined => {
        const mark = marks.find(({ name }) => names.includes(name))

        return mark == null ? undefined : Math.min(duration, Math.max(least, mark.at - startedAt))
      }
      const firstResponse = after(['answered', 'opened'], 0)

      return { script: { connects: duration, firstResponse, encrypted: after(['encrypted'], firstResponse ?? 0) } }
    }
    case 'failed': return { script: { refuses: duration, error: errorOf(error) } }
    case 'in flight':
    case 'waiting':
    case 'cancelled': return { silentFor: duration }
  }
}

function errorOf (error: TraceAttempt['error']): Error {
  const { name = 'Error', message = 'failed' } = error ?? {}
  const [code] = ERROR_CODE.exec(message) ?? []

  return Object.assign(new Error(message), { name, ...code != null && { code } })
}

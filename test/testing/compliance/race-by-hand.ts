import { sleep } from '../../../src/pipeline/clock.ts'
import { Follow } from '../../../src/pipeline/follow.ts'
import { defaultPace } from '../../../src/pipeline/pace.ts'
import { stage } from '../../../src/pipeline/stage.ts'
import { Wake } from '../../../src/pipeline/wake.ts'
import type { AnyStageInit, Candidate, Dial, List } from '../../../src/pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

/** What may be wrong with a race */
export type Flaw =
  'remembers older lists' | 'ends before its source' | 'ends with an attempt in flight' | 'ends on an older list' | 'clones' |
  'bursts' | 'waits for the pace with nothing in flight' | 'goes from the back' | 'stops what is withdrawn' | 'keeps what waits' |
  'dials again' | 'forgets the last' | 'swallows failures' | 'fails with an attempt' | 'ignores the signal' | 'leaves attempts' |
  'starts what is worse' | 'reads an option' | 'waits on the platform\'s timer' | 'yields addresses'

interface Flight {
  candidate: Candidate
  controller: AbortController
  startedAt?: number
}

/** A race without any comfort, right but for its flaw */
export function raceByHand (flaw?: Flaw): AnyStageInit {
  return stage({
    name: 'by-hand',
    accepts: ['candidates'],
    yields: 'connections',
    run: (source, dial) => run(source, dial, flaw)
  })
}

async function * run (source: AsyncIterable<List>, dial: Dial, flaw?: Flaw): AsyncGenerator<any> {
  const wake = new Wake()
  const upstream = new Follow(source, wake)
  const flights = new Map<string, Flight>()
  const landed: Array<{ candidate: Candidate, connection: Connection }> = []
  let list: List | undefined
  let winner: Candidate | undefined
  let lastStart = -Infinity
  let failure: { error: unknown } | undefined
  let left = false

  const improves = ({ id }: Candidate): boolean => {
    const first = list?.candidates.find(one => one.id === id || one.id === winner?.id)

    return winner == null || flaw === 'starts what is worse' || (first?.id === id && id !== winner.id)
  }
  const untriedOf = ({ candidates }: List): Candidate[] => candidates
    .slice(0, flaw === 'forgets the last' ? -1 : undefined)
    .filter(one => (flaw === 'dials again' || !dial.tried(one)) && !flights.has(one.id) && improves(one))

  function adopt (next?: List): void {
    if (next == null) {
      return
    }

    const older = list?.candidates.filter(one => !next.candidates.includes(one)) ?? []
    list = flaw === 'remembers older lists' ? { ...next, candidates: [...older, ...next.candidates] } : next

    for (const { candidate, controller, startedAt } of flights.values()) {
      if ((flaw === 'stops what is withdrawn' || (startedAt == null && flaw !== 'keeps what waits')) && !next.candidates.includes(candidate)) {
        controller.abort(new Error('Withdrawn'))
      }
    }
  }

  function launch (candidate: Candidate): void {
    const flight: Flight = { candidate, controller: new AbortController() }
    flights.set(candidate.id, flight)
    dial.attempt(flaw === 'clones' ? Object.freeze({ ...candidate }) : candidate, {
      signal: flight.controller.signal,
      onStart: at => {
        flight.startedAt = lastStart = at
        wake.notify()
      }
    }).then(connection => {
      if (!left) {
        landed.push({ candidate, connection })
      } else {
        dial.discard(connection)
      }
    }, error => {
      if (flaw === 'fails with an attempt') {
        failure = { error }
      }
    }).finally(() => {
      flights.delete(candidate.id)
      wake.notify()
    })
  }

  /** When to look again */
  function start (): number | undefined {
    if (list == null || (list.revision !== dial.target.revision && !upstream.done)) {
      return
    }

    while (true) {
      const inFlight = [...flights.values()].filter((one): one is Flight & { startedAt: number } => one.startedAt != null)
      const untried = untriedOf(list)
      const now = dial.clock.now()

      if (inFlight.length < flights.size || untried.length === 0) {
        return
      }

      const chosen = (list.pace ?? defaultPace)({ untried, inFlight, outcomes: dial.outcomes, lastStart: lastStart === -Infinity ? undefined : lastStart, now })
      const isIdle = flights.size === 0 && flaw !== 'waits for the pace with nothing in flight'

      if (chosen == null && !isIdle) {
        return
      }

      const at = isIdle ? now : Math.max(chosen?.at ?? 0, flaw === 'bursts' ? 0 : lastStart + 10)

      if (at > now) {
        return at
      }

      launch(flaw === 'goes from the back' ? untried.at(-1) as Candidate : chosen?.candidate ?? untried[0] as Candidate)
    }
  }

  function isOver (): boolean {
    if (list == null) {
      return upstream.done
    }

    const isCurrent = upstream.done || list.revision === dial.target.revision || flaw === 'ends on an older list'
    const isComplete = upstream.done || list.complete || flaw === 'ends before its source'
    const isIdle = flights.size === 0 || flaw === 'ends with an attempt in flight'

    return isIdle && landed.length === 0 && isCurrent && isComplete && untriedOf(list).length === 0
  }

  try {
    while (true) {
      adopt(upstream.take())
      const next = landed.shift()

      if (failure != null) {
        throw failure.error
      }

      if (flaw === 'reads an option' && 'hurry' in dial.options) {
        return
      }

      if (next == null) {
        const at = start()

        if (isOver()) {
          return
        }

        const until = (at ?? Infinity) - dial.clock.now()

        if (flaw === 'waits on the platform\'s timer') {
          setTimeout(() => { wake.notify() }, 1)
        }

        if (flaw === 'ignores the signal' && at != null) {
          await sleep(until, dial.clock, new AbortController().signal)
        } else {
          const cancel = at == null ? undefined : dial.clock.setTimeout(() => { wake.notify() }, until)
          await wake.wait(dial.signal).finally(() => { cancel?.() })
        }
      } else if (improves(next.candidate)) {
        winner = next.candidate
        flights.forEach(({ candidate, controller }) => {
          if (!improves(candidate)) {
            controller.abort(new Error('Lost'))
          }
        })
        yield flaw === 'yields addresses' ? next.candidate.multiaddr : next.connection
      } else {
        dial.discard(next.connection)
      }
    }
  } catch (err) {
    if (flaw !== 'swallows failures' || dial.signal.aborted) {
      throw err
    }
  } finally {
    left = true
    upstream.leave()
    landed.forEach(({ connection }) => { dial.discard(connection) })

    if (flaw !== 'leaves attempts') {
      flights.forEach(({ controller }) => { controller.abort(new Error('Over')) })
    }
  }
}

import { SIGNALING } from '../../pipeline/signaling.ts'
import type { AttemptRequest } from './attempt-request.ts'
import type { OuterDial } from './nested.ts'
import type { Slots } from './slots.ts'
import type { DialPolicy } from '../../pipeline/dial-policy.ts'
import type { Connection } from '@libp2p/interface'

interface Participant {
  readonly request: AttemptRequest
  resolve (connection: Connection): void
  reject (error: unknown): void
  leave (): void
}

export interface AttemptGroupInit {
  readonly slots: Pick<Slots, 'join' | 'leave'>
  /** Called when a dial that the attempt is charged to is known */
  readonly onCharged: () => void
  /** Called with the reason of the last dial that has left before the attempt ended */
  readonly onEmpty: (reason: any) => void
}

/** The dials that share one attempt. Tells each of them what happens, also what happened before it came */
export class AttemptGroup {
  /** Stands for the attempt where slots are counted: a connection that was given away keeps it, and not the attempt */
  readonly taker = { dials: new Set<OuterDial>() }
  startedAt?: number
  firstResponseAt?: number
  isHeld = false
  isSettled = false
  readonly #init: AttemptGroupInit
  readonly #participants = new Set<Participant>()
  readonly #marks = new Map<string, number>()

  constructor (init: AttemptGroupInit) {
    this.#init = init
  }

  get size (): number {
    return this.#participants.size
  }

  get dials (): OuterDial[] {
    return Array.from(this.#participants, ({ request }) => request.dial)
  }

  get policies (): DialPolicy[] {
    return Array.from(this.#participants, ({ request }) => request.policy)
  }

  /** The highest of the dials; undefined: none wants the attempt any more */
  get priority (): number | undefined {
    return this.size === 0 ? undefined : Math.max(...this.dials.map(({ priority }) => priority))
  }

  /** @throws what the attempt fails with, or the reason of the request's own signal at the moment that it aborts */
  async join (request: AttemptRequest): Promise<Connection> {
    return new Promise<Connection>((resolve, reject) => {
      const { onCharged, onEmpty, slots } = this.#init

      const onAbort = (): void => {
        participant.leave()
        this.left(request.dial)
        reject(request.signal.reason)

        if (this.size === 0) {
          onEmpty(request.signal.reason)
        }
      }

      const participant: Participant = {
        request,
        resolve,
        reject,
        leave: () => {
          this.#participants.delete(participant)
          this.taker.dials = new Set(this.dials)
          request.signal.removeEventListener('abort', onAbort)
          request.charged.removeEventListener('abort', onCharged)
        }
      }

      request.signal.addEventListener('abort', onAbort, { once: true })
      request.charged.addEventListener('abort', onCharged, { once: true })
      this.#participants.add(participant)
      this.taker.dials.add(request.dial)
      slots.join(this.taker, request.dial)

      if (request.charged.aborted) {
        onCharged()
      }

      this.#replay(request)
    })
  }

  /** A listener may leave: it is told nothing more */
  #replay ({ signal, onStart, onHeld, onFirstResponse, onMark }: AttemptRequest): void {
    const past = [
      ...this.startedAt == null ? [] : [() => { onStart(this.startedAt as number) }],
      ...this.isHeld ? [() => { onHeld?.() }] : [],
      ...this.firstResponseAt == null ? [] : [() => { onFirstResponse(this.firstResponseAt as number) }],
      ...Array.from(this.#marks, ([type, at]) => () => { onMark?.(type, at) })
    ]

    for (const tell of past) {
      if (!signal.aborted) {
        tell()
      }
    }
  }

  /** Releases the slot of a dial that the attempt has failed for, or that does not want it or its connection any more */
  left (dial: OuterDial): void {
    if (!this.taker.dials.has(dial)) {
      this.#init.slots.leave(this.taker, dial)
    }
  }

  hold (): void {
    this.isHeld = true
    this.#participants.forEach(({ request }) => { request.onHeld?.() })
  }

  start (at: number): void {
    this.isHeld = false
    this.startedAt = at
    this.#participants.forEach(({ request }) => { request.onStart(at) })
  }

  respond (at: number): void {
    this.firstResponseAt = at
    this.#participants.forEach(({ request }) => { request.onFirstResponse(at) })
  }

  progress (event: { type: string }, at: number): void {
    const type = String((event as Partial<Event> | undefined)?.type)
    this.#marks.set(type, at)
    this.#participants.forEach(({ request }) => {
      request.onMark?.(type, at)
      request.onProgress(event)
    })
  }

  /** Nothing was heard of the remote, nor of the relay that WebRTC is negotiated over */
  get isSilent (): boolean {
    return this.firstResponseAt == null && !this.#marks.has(SIGNALING)
  }

  /** Answers whether every dial lets the attempt begin anew, and tells them if so */
  restart (age: number): boolean {
    const mayRestart = [...this.#participants].every(({ request }) => request.mayRestart?.(age) !== false)

    if (mayRestart) {
      this.#participants.forEach(({ request }) => { request.onRestart?.() })
    }

    return mayRestart
  }

  /** Whether no dial has left the place of the address before: each does once */
  get mayLeavePlace (): boolean {
    return [...this.#participants].every(({ request }) => request.onPlaceLeft != null && request.hasLeftPlace !== true)
  }

  leavePlace (): void {
    this.#participants.forEach(({ request }) => { request.onPlaceLeft?.() })
  }

  connect (connection: Connection): void {
    this.#settle(participant => { participant.resolve(connection) })
  }

  fail (error: Error): void {
    const { dials } = this
    this.#settle(participant => { participant.reject(error) })
    dials.forEach(dial => { this.left(dial) })
  }

  #settle (settle: (participant: Participant) => void): void {
    this.isSettled = true

    for (const participant of [...this.#participants]) {
      participant.leave()
      settle(participant)
    }
  }
}

import { runInSlots, slotsOf } from './slot-run.ts'
import type { SlotRun, SlotRunInit } from './slot-run.ts'
import type { Slots, SlotsInit } from '../../../src/dialer/attempts/slots.ts'

export interface HeldAttempt extends SlotRun {
  /** Ends the attempt. Has no effect on an attempt that has not started */
  end (): void
}

export interface HeldAttempts {
  readonly slots: Slots
  /** The names of the attempts in the order in which they started */
  readonly started: string[]
  /** Requests the slots of an attempt. Its name is its peer by default */
  begin (name: string, init?: Partial<SlotRunInit>): HeldAttempt
}

/** Creates slots, and attempts that hold them until the test ends the attempts */
export function heldAttempts (limits: SlotsInit): HeldAttempts {
  const slots = slotsOf(limits)
  const started: string[] = []

  return {
    slots,
    started,
    begin: (name, init = {}) => {
      let end = (): void => {}
      const run = runInSlots(slots, { peer: name, ...init }, async () => {
        started.push(name)
        await new Promise<void>(resolve => { end = resolve })
      })

      return { ...run, end: () => { end() } }
    }
  }
}

import { Bans } from '../../src/bans/bans.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'

export function scene (max?: number): { clock: VirtualClock, bans: Bans } {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1))

  return { clock, bans: new Bans(clock, max) }
}

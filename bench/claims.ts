import { ADAPTIVE, STAGGERED, STOCK, TUNED } from './blackhole/dialers.ts'
import { FAR, ONE_HOLE, TWO_HOLES } from './blackhole/scenarios.ts'
import type { Measured } from './blackhole/measured.ts'

export interface Claim {
  text: string
  isMet: boolean
}

/** Compares the claims of this project with the measurements */
export function claims (of: Measured): Claim[] {
  return [
    ...[STAGGERED, ADAPTIVE].flatMap(dialer => [connectsUnder(400, dialer, ONE_HOLE), connectsUnder(700, dialer, TWO_HOLES)]),
    {
      text: `${STOCK} takes 6 s for [${ONE_HOLE}]`,
      isMet: isAlways(STOCK, ONE_HOLE) && of(STOCK, ONE_HOLE).median >= 6_000
    },
    fails(STOCK, TWO_HOLES),
    {
      text: `${TUNED} takes twice as long as ${ADAPTIVE} for [${TWO_HOLES}]`,
      isMet: isAlways(ADAPTIVE, TWO_HOLES) && of(TUNED, TWO_HOLES).median > 2 * of(ADAPTIVE, TWO_HOLES).median
    },
    fails(TUNED, FAR),
    {
      text: `${ADAPTIVE} connects with [${FAR}], every time`,
      isMet: isAlways(ADAPTIVE, FAR)
    }
  ]

  function fails (dialer: string, scenario: string): Claim {
    return { text: `${dialer} fails with [${scenario}], every time`, isMet: of(dialer, scenario).connected === 0 }
  }

  function connectsUnder (ms: number, dialer: string, scenario: string): Claim {
    return {
      text: `${dialer} connects with [${scenario}] in under ${ms} ms, every time`,
      isMet: isAlways(dialer, scenario) && of(dialer, scenario).max < ms
    }
  }

  function isAlways (dialer: string, scenario: string): boolean {
    const { connected, trials } = of(dialer, scenario)

    return trials > 0 && connected === trials
  }
}

import type { Summary } from './statistics.ts'

/** What was measured of one dialer in one scenario */
export interface Measured extends Summary {
  trials: number
  connected: number
}

export interface Claim {
  text: string
  isMet: boolean
}

/** What this project says of itself. `of` answers what was measured */
export function claims (of: (dialer: string, scenario: string) => Measured): Claim[] {
  const one = 'blackhole, good'
  const two = 'blackhole, blackhole, good'

  return [
    connectsUnder(400, one),
    connectsUnder(700, two),
    {
      text: `stock libp2p takes 6 s for [${one}]`,
      isMet: isAlways('stock libp2p', one) && of('stock libp2p', one).median >= 6_000
    },
    {
      text: `stock libp2p fails with [${two}]`,
      isMet: of('stock libp2p', two).connected === 0
    }
  ]

  function connectsUnder (ms: number, scenario: string): Claim {
    return {
      text: `staggered() connects with [${scenario}] in under ${ms} ms, every time`,
      isMet: isAlways('staggered()', scenario) && of('staggered()', scenario).max < ms
    }
  }

  function isAlways (dialer: string, scenario: string): boolean {
    const { connected, trials } = of(dialer, scenario)

    return trials > 0 && connected === trials
  }
}

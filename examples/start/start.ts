// `npm start`: dials peers with good and bad addresses by adaptive() and by libp2p's own dialer. Shows the attempts of each, their times,
// and the gain
import { renderTable } from '../../test/support/render-table.ts'
import { adaptiveDialer, certifiedDialer, libp2pItself } from './dialers.ts'
import { clip, WIDTH } from './draw.ts'
import { inTurn } from './in-turn.ts'
import { startScenarios } from './scenarios.ts'
import type { ExampleDialer, Result } from './dialers.ts'
import type { Scenario } from './scenarios.ts'

/** Dials of each dialer before the measured one, so that its code is compiled */
const WARM_UP = 3

const print = (text = ''): void => { process.stdout.write(`${text}\n`) }

const scenarios = await startScenarios()
const both = [adaptiveDialer, libp2pItself]
const rows: Array<{ name: string, results: Result[] }> = []

try {
  print('Real nodes on this machine dial. A bar is one attempt: ░ nothing heard yet, ▒ handshake.\nIt ends with ● connected, × failed, or ○ cancelled because another address won.')

  for (const { dial } of [...both, certifiedDialer]) {
    for (let i = 0; i < WARM_UP; i++) {
      await dial(dial === certifiedDialer.dial ? scenarios.signed : scenarios.obstructed[0] ?? scenarios.good)
    }
  }

  // the slowest scenario starts first
  const begun = [...[scenarios.good, ...scenarios.obstructed].toReversed().map(scenario => begin(scenario, both)).toReversed(), begin(scenarios.signed, [certifiedDialer, adaptiveDialer])]

  for (const { scenario: { name, about }, dialers, dials } of begun) {
    print(`\n── ${name} ${'─'.repeat(WIDTH - 4 - name.length)}\n${clip(about)}`)
    const results: Result[] = []

    for (const { dialer, result } of dials) {
      const one = await result
      results.push(one)
      print(`\n${dialer.name}: ${inWords(one)}\n${one.picture}`)
    }

    if (dialers === both) {
      rows.push({ name, results })
    }
  }
} finally {
  await scenarios.stop()
}

print(`\n── Time to connection ${'─'.repeat(WIDTH - 22)}\n\n${renderTable(['', ...both.map(({ name }) => name)], rows.map(({ name, results }) => [name, ...results.map(inWords)]))}\n`)
rows.flatMap(gainOf).forEach(line => { print(clip(line)) })
print('\nTo have that: createLibp2p({ …, services: { dialer: dialer(adaptive()) } })')

interface Begun {
  readonly scenario: Scenario
  readonly dialers: readonly ExampleDialer[]
  readonly dials: ReadonlyArray<{ readonly dialer: ExampleDialer, readonly result: Promise<Result> }>
}

/** Starts the dials one after another. A dial that only waits does not block the next */
function begin (scenario: Scenario, dialers: readonly ExampleDialer[]): Begun {
  return { scenario, dialers, dials: dialers.map(dialer => ({ dialer, result: inTurn(async () => dialer.dial(scenario)) })) }
}

function inWords ({ ms, error }: Result): string {
  return error == null ? `${ms.toFixed(0)} ms` : `${error.name} after ${(ms / 1_000).toFixed(0)} s`
}

/** Describes what adaptive() gains in a scenario */
function gainOf ({ name, results: [own, stock] }: { name: string, results: readonly Result[] }): string[] {
  if (own == null || stock == null || own.error != null || stock.ms - own.ms < 1_000) {
    return []
  }

  return [stock.error == null
    ? `${name}: connected ${((stock.ms - own.ms) / 1_000).toFixed(1)} s sooner, ${Math.round(stock.ms / own.ms)} times as fast`
    : `${name}: connected in ${(own.ms / 1_000).toFixed(1)} s, where libp2p's own dialer gives up after ${(stock.ms / 1_000).toFixed(0)} s`]
}

// `npm start`: dials peers that have good and bad addresses with libp2p's own dialer and with three pipelines, and shows
// what each of them tried when, what won, and how long it took
import { dialers } from './dialers.ts'
import { inTurn } from './in-turn.ts'
import { startScenarios } from './scenarios.ts'
import { renderTable } from './table.ts'
import type { Result } from './dialers.ts'

const print = (text = ''): void => { process.stdout.write(`${text}\n`) }

const scenarios = await startScenarios()
const rows: string[][] = []

try {
  print(`Each scenario is dialled by ${dialers.length} new nodes. The bar of an attempt: ░ nothing heard yet, █ handshake.`)

  // whoever is first pays for the compilation of the code that it runs: over TCP, and over a WebSocket
  for (const { dial } of dialers) {
    await dial(scenarios.tcp)
    await dial(scenarios.webSocket)
  }

  const begun = scenarios.all.map(scenario => ({
    scenario,
    results: Promise.all(dialers.map(async ({ dial }) => inTurn(async () => dial(scenario))))
  }))

  for (const { scenario: { name, about }, results } of begun) {
    print(`\n── ${name} ${'─'.repeat(90 - name.length)}\n${about}`)
    print((await results).map(({ text }) => `\n${text}`).join('\n'))
    rows.push([name, ...(await results).map(summary)])
  }
} finally {
  await scenarios.stop()
}

print(`\nTime to connection\n\n${renderTable(['', ...dialers.map(({ name }) => name)], rows)}`)

function summary ({ ms, error }: Result): string {
  return error == null ? `${ms.toFixed(0)} ms` : `${error.name} (${ms.toFixed(0)} ms)`
}

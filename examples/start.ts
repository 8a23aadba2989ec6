// `npm start`: dials peers with good and bad addresses with libp2p's own dialer and with three pipelines, and shows
// what each of them tried when, what won, and how long it took
import { dialers } from './dialers.ts'
import { inTurn } from './in-turn.ts'
import { startPeers } from './peers.ts'
import { renderTable } from './table.ts'
import type { Result } from './dialers.ts'

const print = (text = ''): void => { process.stdout.write(`${text}\n`) }

const peers = await startPeers()
const names = dialers.map(({ name }) => name)
const rows: string[][] = []

try {
  print(`Every scenario is dialled ${dialers.length} times, each time by a new node, over TCP and WebSockets on this machine.`)
  print('A bar runs from the start of an attempt to its end: ░ nothing was heard of the remote yet, █ handshake.')

  // whoever is first pays for the compilation of the code that it runs
  for (const dialer of dialers) {
    await dialer.dial(peers.scenarios[0])
  }

  const started = peers.scenarios.map(scenario => ({
    scenario,
    results: dialers.map(async dialer => inTurn(async () => dialer.dial(scenario)))
  }))

  for (const { scenario, results } of started) {
    print(`\n── ${scenario.name} ${'─'.repeat(Math.max(3, 70 - scenario.name.length))}`)
    print(scenario.about)

    for (const result of results) {
      print(`\n${(await result).text}`)
    }

    rows.push([scenario.name, ...(await Promise.all(results)).map(cell)])
  }
} finally {
  await peers.stop()
}

print(`\nTime to connection\n\n${renderTable(['', ...names], rows)}`)

function cell ({ ms, error }: Result): string {
  return error == null ? `${ms.toFixed(0)} ms` : `${error.name} (${ms.toFixed(0)} ms)`
}

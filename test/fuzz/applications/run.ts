// node test/fuzz/applications/run.ts [FROM [COUNT [PRESET]]]: runs random applications with libp2p's own dialer and with a preset, and prints each call
// that only libp2p's own dialer answered. A process of its own: yamux of libp2p sometimes throws in a timer when a stream has been closed
import * as presets from '../../../presets/index.ts'
import { dialer } from '../../../src/index.ts'
import { Random } from '../random.ts'
import { HANGS, perform } from './perform.ts'
import { startPeers } from './peers.ts'
import { limitsFrom, scriptFrom } from './script.ts'
import type { StepOutcome } from './perform.ts'
import type { Call, Limits } from './script.ts'

const [from = '1', count = '20', preset = 'adaptive'] = process.argv.slice(2)
const pipeline = Reflect.get(presets, preset) as typeof presets.adaptive

/** An application that failed with one of the dialers may have been slow: it runs once more */
const RUNS = 2

process.on('uncaughtException', err => {
  if (!err.message.startsWith('Cannot write to a stream')) {
    console.log(err)
    process.exit(2)
  }
})

const peers = await startPeers()

for (let seed = Number(from); seed < Number(from) + Number(count); seed++) {
  const random = new Random(seed)
  const limits = limitsFrom(random)
  const steps = scriptFrom(random, peers.all)
  let worse: string | undefined

  for (let run = 0; run < RUNS && (run === 0 || worse != null); run++) {
    worse = await worseStep(steps, limits)
  }

  if (worse != null) {
    console.log(`seed ${seed}, ${JSON.stringify(limits)}: ${worse}`)
    process.exitCode = 1
  }
}

console.log(`${count} applications`)
await peers.stop()
process.exit()

/** Returns the first step in which a call failed or a peer is missing that libp2p's own dialer connected. Undefined: none */
async function worseStep (steps: readonly Call[][], limits: Limits): Promise<string | undefined> {
  const stock = await perform(steps, peers, limits, {})
  const ours = await perform(steps, peers, limits, { dialer: dialer(pipeline()) })

  for (const [i, control] of stock.entries()) {
    const outcome = ours[i] as StepOutcome

    if (outcome.results.includes(HANGS) || control.results.some((result, n) => result.startsWith('ok') && result !== outcome.results[n])) {
      return `step ${i}\n${describe(steps[i] ?? [])}\n  libp2p: ${control.results.join(', ')}\n  ${preset}(): ${outcome.results.join(', ')}`
    }

    // from here on the nodes know other things
    if (control.connected.join() !== outcome.connected.join()) {
      return
    }
  }
}

function describe (step: readonly Call[]): string {
  return step.map(call => `  ${JSON.stringify(call, (key, value: unknown) => key === 'peer' ? (value as { name: string }).name : value)}`).join('\n')
}

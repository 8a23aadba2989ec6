import test from 'ava'
import { runInNamespace, whatIsMissing } from '../helpers/network/namespace.ts'
import type { RoamingResult } from './roaming-process.ts'
import type { ExecutionContext } from 'ava'

// A node in a separate network changes its address, and loses its uplink while a connection stays open

const missing = whatIsMissing()
let played: Promise<RoamingResult> | undefined

async function play (): Promise<RoamingResult> {
  let output = ''
  const code = await runInNamespace(new URL('./roaming-process.ts', import.meta.url), [], { onOutput: text => { output += text } })

  if (code !== 0) {
    throw new Error(`it ended with ${code}`)
  }

  return JSON.parse(output) as RoamingResult
}

function roaming (title: string, look: (t: ExecutionContext, result: RoamingResult) => void): void {
  if (missing != null) {
    test.skip(`${title} (${missing})`, () => {})
    return
  }

  test(title, async t => {
    t.timeout(120_000)
    look(t, await (played ??= play()))
  })
}

roaming('a node forgets failures of a network when it gets an address of another', (t, { held: [before, without, after] }) => {
  t.deepEqual([before, without ?? null, after ?? null], [1, 1, null])
})

roaming('an attempt in flight when the address is removed connects in the next network', (t, { inFlight, hasSocketConnected }) => {
  t.true((inFlight ?? Infinity) < 4_000, `${inFlight} ms`)
  // for comparison, the old socket waits for an answer to the old address
  t.false(hasSocketConnected)
})

roaming('bytes on a connection that stayed open end an outage', (t, { outage }) => {
  t.deepEqual(outage, [5, 0])
})

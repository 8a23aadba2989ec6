import test from 'ava'
import { runInNamespace, whatIsMissing } from '../helpers/network/namespace.ts'
import type { Closing, DcutrResult } from './dcutr-process.ts'
import type { ExecutionContext } from 'ava'

// Nodes in a separate network: the callee is dialled through a relay, and DCUtR makes a direct connection with default settings

const missing = whatIsMissing()
let played: Promise<Record<string, DcutrResult>> | undefined

async function play (): Promise<Record<string, DcutrResult>> {
  let output = ''
  const code = await runInNamespace(new URL('./dcutr-process.ts', import.meta.url), [], { onOutput: text => { output += text } })

  if (code !== 0) {
    throw new Error(`it ended with ${code}`)
  }

  return JSON.parse(output) as Record<string, DcutrResult>
}

function dcutr (title: string, closing: Closing, ours: 'both' | Closing | 'neither', look: (t: ExecutionContext, result: DcutrResult) => void): void {
  if (missing != null) {
    test.skip(`${title} (${missing})`, () => {})
    return
  }

  test(title, async t => {
    t.timeout(180_000)
    const result = (await (played ??= play()))[`${closing}: ${ours}`] as DcutrResult
    t.is(result.first, closing === 'callee' ? 'relayed' : 'limited, relayed')
    t.is(result.next, 'direct')
    t.deepEqual(result.left, [['direct'], ['direct']])
    look(t, result)
  })
}

const HOW: Record<Closing, string> = { callee: 'the callee dials the caller', caller: 'the caller dials the callee' }

for (const closing of ['callee', 'caller'] satisfies Closing[]) {
  dcutr(`${HOW[closing]}, both converge: a transfer ends on the relayed connection, streams move, and the relayed connection is closed`, closing, 'both', (t, { isTransferWhole, followed, changes }) => {
    t.true(isTransferWhole)
    t.is(followed, 'direct')
    t.deepEqual(changes, [1, 1])
  })

  dcutr(`${HOW[closing]}, only the ${closing} converges: a transfer ends on the relayed connection, which is then closed`, closing, closing, (t, { isTransferWhole, followed, changes }) => {
    t.true(isTransferWhole)
    t.is(followed, closing === 'caller' ? 'direct' : undefined)
    t.deepEqual(changes, closing === 'caller' ? [1, 0] : [0, 1])
  })

  dcutr(`${HOW[closing]}, libp2p's own dialers: DCUtR closes the relayed connection, and the transfer is cut`, closing, 'neither', (t, { isTransferWhole }) => {
    t.false(isTransferWhole)
  })
}

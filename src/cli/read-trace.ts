import { open } from 'node:fs/promises'
import { multiaddr } from '@multiformats/multiaddr'
import { checkTrace } from '../trace/check-trace.ts'
import { TRACE_CAPS } from '../trace/make-trace.ts'
import { parseTarget } from './arguments.ts'
import { UsageError } from './exit-codes.ts'
import type { DialTrace } from '../trace/types.ts'

/** The maximum number of bytes that are read: more than a trace of the maximum size has */
const MAX_BYTES = 16 * 2 ** 20

/**
 * Reads a dial's trace from a file and checks it
 *
 * @param file path, or `-` for the standard input
 * @throws UsageError that says what is wrong with the trace
 */
export async function readTrace (file: string): Promise<DialTrace> {
  try {
    const trace: unknown = JSON.parse(await readText(file))
    checkTrace('replay', trace)
    const { target: { peer, addresses }, candidates } = trace
    checkCount(candidates, TRACE_CAPS.candidates, 'candidates')
    checkCount(addresses, TRACE_CAPS.addresses, 'target.addresses')
    parseTarget([...peer == null ? [] : [peer], ...addresses])
    // the name in a stored address may have a slash, so that its text is no multiaddr
    const replayable = candidates.filter(({ address, verdicts }) => errorIn(address) == null || !verdicts.some(({ verdict }) => verdict === 'dropped'))
    replayable.forEach(({ address, verdicts }, i) => {
      checkAddress(address, `candidates[${i}].address`)
      verdicts.forEach((one, j) => {
        const into = one.verdict === 'expanded' ? one.into : []
        const at = `candidates[${i}].verdicts[${j}].into`
        checkCount(into, TRACE_CAPS.into, at)
        into.forEach((one, k) => { checkAddress(one, `${at}[${k}]`) })
      })
    })

    if (peer == null && addresses.length === 0) {
      throw new UsageError('its target has neither a peer id nor an address')
    }

    return { ...trace, candidates: replayable }
  } catch (err) {
    throw new UsageError(`cannot replay ${file === '-' ? 'the standard input' : file}: ${(err as Error).message}`, { cause: err })
  }
}

async function readText (file: string): Promise<string> {
  const handle = file === '-' ? undefined : await open(file)

  try {
    const parts: Buffer[] = []
    let bytes = 0

    for await (const part of handle?.createReadStream({ autoClose: false }) ?? process.stdin) {
      parts.push(part as Buffer)
      bytes += (part as Buffer).length

      if (bytes > MAX_BYTES) {
        throw new UsageError(`it is larger than ${MAX_BYTES / 2 ** 20} MiB`)
      }
    }

    return Buffer.concat(parts).toString()
  } finally {
    await handle?.close()
  }
}

/** Limits what is replayed: thousands of addresses take minutes, even on a virtual clock */
function checkCount (list: readonly unknown[], most: number, at: string): void {
  if (list.length > most) {
    throw new UsageError(`${at} has ${list.length} elements, and a trace has ${most} at most`)
  }
}

function checkAddress (address: string, at: string): void {
  const error = errorIn(address)

  if (error != null) {
    throw new UsageError(`${at} is not a multiaddr: ${error.message}`, { cause: error })
  }
}

/** Returns why a text is not a multiaddr */
function errorIn (address: string): Error | undefined {
  try {
    multiaddr(address)
  } catch (err) {
    return err as Error
  }
}

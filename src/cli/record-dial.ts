import { TimeoutError } from '@libp2p/interface'
import { STILL_WAITING } from '../pipeline/runtime/dial-host.ts'
import { startNode } from './node.ts'
import type { NamedTarget } from './arguments.ts'
import type { DialPipeline, DialPipelineOptions } from '../pipeline/types.ts'
import type { DialTrace } from '../trace/types.ts'
import type { Connection } from '@libp2p/interface'

export interface RecordInit {
  pipeline: DialPipeline
  target: NamedTarget
  signal: AbortSignal
  /**
   * Time limit in milliseconds
   *
   * @default 10000
   */
  timeout?: number
  options?: DialPipelineOptions
  /** Called every 100 ms during the dial */
  onChange?: (trace: DialTrace) => void
}

export interface DialRecording {
  /** Absent when the dial was refused before it began */
  trace?: DialTrace
  connection?: Connection
  error?: Error
}

/** libp2p's default dialTimeout, which does not apply to a dial with a signal */
const TIMEOUT = 10_000

/** Milliseconds between two looks at a running dial */
const FRAME = 100

/** Dials from a new node, which stops when the dial settles. Rejects only if the node cannot start or stop */
export async function recordDial ({ pipeline, target: { peerId, multiaddrs }, signal, timeout = TIMEOUT, options = {}, onChange }: RecordInit): Promise<DialRecording> {
  const controller = new AbortController()
  const node = await startNode(pipeline)
  const read = (): DialTrace | undefined => node.services.dialer.traces().at(-1)
  const abort = (): void => { controller.abort(signal.reason) }
  const timer = setTimeout(() => {
    const { awaited = [] } = read() ?? {}
    controller.abort(new TimeoutError(`Not connected within ${timeout} ms${awaited.length === 0 ? '' : `: ${STILL_WAITING} ${awaited.join(', ')}`}`))
  }, timeout)
  const frames = setInterval(() => {
    const trace = read()

    if (trace != null) {
      onChange?.(trace)
    }
  }, FRAME)

  try {
    signal.addEventListener('abort', abort, { once: true })
    signal.throwIfAborted()
    // libp2p 3.0 exports no type for dial targets
    const target = multiaddrs.length > 0 || peerId == null ? multiaddrs : peerId
    const connection = await node.dial(target, { ...options, signal: controller.signal })

    return { connection, trace: read() }
  } catch (err) {
    return { error: err instanceof Error ? err : new Error(String(err), { cause: err }), trace: read() }
  } finally {
    clearTimeout(timer)
    clearInterval(frames)
    signal.removeEventListener('abort', abort)
    await node.stop()
  }
}

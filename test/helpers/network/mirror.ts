import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** How well the network kept its times */
export interface Lateness {
  readonly returned: number
  readonly dropped: number
  /** Milliseconds that a packet came later than it should have */
  readonly lateMean: number
  readonly lateMax: number
}

export interface Mirror {
  /** Since it was asked last */
  lateness (): Promise<Lateness>
  close (): Promise<void>
}

/** Starts mirror.c on a device that it makes, and that goes with it */
export async function startMirror (program: string, device: string): Promise<Mirror> {
  const child = spawn(program, [device], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const next = async (): Promise<string> => {
    const { value, done } = await lines.next()

    if (done === true) {
      throw new Error(`the mirror ended: ${child.exitCode ?? child.signalCode}`)
    }

    return value
  }

  await next()

  return {
    lateness: async () => {
      child.stdin.write('\n')

      return JSON.parse(await next()) as Lateness
    },
    close: async () => {
      child.stdin.end()
      await ended
    }
  }
}

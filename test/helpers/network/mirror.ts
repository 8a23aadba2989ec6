import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** The accuracy of the network's delays */
export interface Lateness {
  readonly returned: number
  readonly dropped: number
  /** The delay of packets beyond the requested one, in milliseconds */
  readonly lateMean: number
  readonly lateMax: number
}

export interface Mirror {
  /** Returns the accuracy since the last call */
  lateness (): Promise<Lateness>
  close (): Promise<void>
}

/** Starts mirror.c on a new network device, which disappears with the process */
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

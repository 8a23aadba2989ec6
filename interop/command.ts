import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Runs a command of the project and shows its output. Resolves with its exit code, or with the signal that ended it */
export async function show (command: string, args: readonly string[], cwd: string): Promise<number | string> {
  const [code, signal] = await once(spawn(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] }), 'exit')

  return code ?? signal
}

/** Runs a command. Resolves with the reason why it failed within `timeout` ms, or with undefined if it succeeded */
export async function complaint (command: string, args: readonly string[], cwd: string, timeout: number): Promise<string | undefined> {
  const child = spawn(command, args, { cwd, timeout, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''

  child.stderr.setEncoding('utf8').on('data', (text: string) => { said += text })
  const [code, signal] = await once(child, 'close')

  return code === 0 ? undefined : `${said.trim()}\n${command} ended with ${code ?? signal}`
}

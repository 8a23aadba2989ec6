import { spawn } from 'node:child_process'
import { once } from 'node:events'

/**
 * Runs a command and shows its output
 *
 * @throws Error when the command fails
 */
export async function run (command: string, args: readonly string[], cwd: string): Promise<void> {
  const [code, signal] = await once(spawn(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] }), 'exit')

  if (code !== 0) {
    throw new Error(`${command} ${args.join(' ')} ended with ${code ?? signal}`)
  }
}

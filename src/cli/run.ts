import { CommanderError } from 'commander'
import { Context } from './context.ts'
import { EXIT, UsageError } from './exit-codes.ts'
import { program } from './program.ts'
import type { CliEnvironment } from './context.ts'

/**
 * Runs the command that the arguments select
 *
 * @param args arguments after the program's name
 * @returns the exit code. Never rejects: errors are printed
 */
export async function run (args: readonly string[], environment: CliEnvironment): Promise<number> {
  const context = new Context(environment)
  let code: number = EXIT.connected

  try {
    await program(context, result => { code = result }).parseAsync(args, { from: 'user' })

    return code
  } catch (err) {
    // nothing to print: commander prints its own errors, and throws after --help too
    if (err instanceof CommanderError) {
      return err.exitCode === 0 ? EXIT.connected : EXIT.usage
    }

    context.printError(err instanceof Error ? err.message : String(err))

    return context.signal.aborted ? EXIT.interrupted : isUsage(err) ? EXIT.usage : EXIT.failed
  }
}

/** Returns whether an error is the user's: a UsageError, or a rejected option of the package */
function isUsage (err: unknown): boolean {
  return err instanceof UsageError || (err instanceof Error && ['InvalidParametersError', 'InvalidPipelineError', 'UnsupportedDialOptionError'].includes(err.name))
}

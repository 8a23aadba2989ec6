// Compares dialers on real sockets, through a network with exact delays: `node bench/network/run.ts [S1 S2 ...] [--peers 200]`.
// Exits with 1 if a claim is not met, and with 2 if something is missing
import { MissingError, runInNamespace } from '../../test/helpers/network/namespace.ts'

try {
  process.exitCode = await runInNamespace(new URL('./inside.ts', import.meta.url), process.argv.slice(2))
} catch (error) {
  if (!(error instanceof MissingError)) {
    throw error
  }

  console.error(error.message)
  process.exitCode = 2
}

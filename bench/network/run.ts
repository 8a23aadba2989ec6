// Dialers beside each other on real sockets, through a network that keeps the times that it is told:
// `node bench/network/run.ts [S1 S2 ...] [--peers 200]`. Exits 1 where a claim is not met, 2 where something is missing
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

// Imports the given modules one after another: the next one starts when nothing keeps the process alive.
// A NUL character ends the output of each module. An error ends the process, as in any other program.
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const paths = process.argv.slice(2)
let isImported = true
let hasBegun = false

process.on('beforeExit', () => {
  if (!isImported || process.exitCode != null) {
    // Node.js exits with 13 too if an await of a module never settles
    process.exit(process.exitCode ?? 13)
  }

  if (hasBegun) {
    hasBegun = false
    process.stdout.write('\0')
    process.stderr.write('\0')
  }

  const path = paths.shift()

  if (path != null) {
    hasBegun = true
    isImported = false
    // an immediate keeps the process alive, without which the event is not emitted again
    setImmediate(() => {
      void import(pathToFileURL(resolve(path)).href).then(() => { isImported = true })
    })
  }
})

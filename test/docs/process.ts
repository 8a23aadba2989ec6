// Imports the modules that it is given, one after another: the next begins when nothing keeps the process alive.
// The NUL character ends the output of each. An error ends the process as it ends any other.
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const paths = process.argv.slice(2)
let isImported = true
let hasBegun = false

process.on('beforeExit', () => {
  if (!isImported || process.exitCode != null) {
    // 13 as in Node.js: an await of the module never settles
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
    // the event is not emitted again without something that keeps the process alive
    setImmediate(() => {
      void import(pathToFileURL(resolve(path)).href).then(() => { isImported = true })
    })
  }
})

import { registerCompletionHandler } from 'ava'

// with libp2p before 3.3, Node.js 24 sometimes spins in node::Environment::CleanupHandles after the last test of a file.
// process.exit() skips that clean-up. Handles that keep the event loop alive still keep the process.
registerCompletionHandler(() => {
  process.once('beforeExit', () => { process.exit() })
})

import { registerCompletionHandler } from 'ava'

// native code of a stuck WebRTC attempt keeps the process alive without a handle that Node.js shows or can close
registerCompletionHandler(() => { process.exit() })

import { registerHooks } from 'node:module'

// the suite imports its assertions from aegir, which depends on over a thousand packages. chai.ts has the same plugins of chai
const CHAI = new URL('chai.ts', import.meta.url).href

registerHooks({
  resolve: (specifier, context, next) => next(specifier === 'aegir/chai' ? CHAI : specifier, context)
})
